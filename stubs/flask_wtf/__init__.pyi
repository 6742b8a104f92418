"""What Baopian uses of flask-wtf, typed (it ships no types of its own)."""

from flask_wtf.csrf import CSRFProtect as CSRFProtect
from flask_wtf.csrf import generate_csrf as generate_csrf
