"""The web application: wiring only. Pages are in ``web/``, what staff do is in ``casework/``."""

from importlib import import_module

from flask import Flask

from casework.office import Office
from settings import Settings
from web import setup

BLUEPRINTS = (
    "web.problem_map",
    "web.photos",
    "web.case_photos",
    "web.findings",
    "web.acts",
    "web.desk",
    "web.statistics",
    "web.papers",
    "web.spreadsheets",
    "web.saved_views",
    "web.notices",
    "web.ties",
    "web.reports",
    "web.drafts",
    "web.areas",
    "web.area_imports",
    "web.area_exports",
    "web.responsibility",
    "web.area_history",
    "web.routes",
    "web.route_files",
    "web.routes_walked",
    "web.rounds",
    "web.triage",
    "web.about",
    "web.accounts",
    "web.settings",
    "web.preferences",
    "web.health",
    "web.api.v1",
    "web.api.acts",
)


def create_app(settings: Settings | None = None) -> Flask:
    """The Flask application for one installation; its database must have been initialised."""
    settings = settings or Settings.from_environment()
    app = Flask(__name__, static_folder="web/static", template_folder="templates")
    setup.prepare(app, Office.open(settings))
    for name in BLUEPRINTS:
        app.register_blueprint(import_module(name).blueprint)
    return app
