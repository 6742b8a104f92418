"""`baopian deliver`: one round of reminders, mails and webhook messages, for cron where no server runs all the time."""

import click

from commands.console import open_office, say
from settings import Settings


@click.command()
def deliver() -> None:
    """Send what waits: reminders, mails, webhook messages. Does nothing while the server does it."""
    from app import create_app
    from casework.deliverer import Deliverer, holding
    from web.notice_words import Speaker

    with open_office() as office:
        app = create_app(Settings.from_environment())
        with holding(office) as is_ours:
            if not is_ours:
                say("The server delivers already.", "服务器正在发送。")
                return
            sent = Deliverer(office, Speaker(app)).round()
    say(f"{sent} sent", f"已发送 {sent} 条")
