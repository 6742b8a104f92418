"""What an administrator sets: people, bureaus, categories, rules, levels, the city, keys. One noun a file."""

from web.settings import bureaus, categories, city, index, keys, levels, people, rules
from web.settings.frame import blueprint

__all__ = ["blueprint", "bureaus", "categories", "city", "index", "keys", "levels", "people", "rules"]
