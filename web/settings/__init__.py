"""What an administrator sets: people, bureaus, categories, rules, levels, the city, streets, keys. One noun a file."""

from importlib import import_module

from web.settings.frame import blueprint

__all__ = ["blueprint"]

for _noun in (
    "index",
    "people",
    "bureaus",
    "categories",
    "deadlines",
    "rules",
    "levels",
    "city",
    "streets",
    "tracks",
    "papers",
    "messages",
    "keys",
):
    import_module(f"web.settings.{_noun}")  # each adds its addresses to the blueprint
