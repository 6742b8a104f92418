"""The JSON API, version 1."""

from flask import Blueprint

blueprint = Blueprint("api_v1", __name__)
