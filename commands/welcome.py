"""How to sign in, said after `init --demo` and by `serve`."""

from casework.office import Office


def sign_in_lines(office: Office) -> list[str]:
    """The accounts of the demo and their password, in English and Chinese; empty for one's own city."""
    from casework import accounts

    cards = accounts.demo_cards(office)
    if not cards:
        return []
    names = ", ".join(card.username for card in cards)
    return [
        f"Sign in as {names}; the password is baopian-demo",
        f"登录账号：{names.replace(', ', '、')}，密码 baopian-demo",
    ]
