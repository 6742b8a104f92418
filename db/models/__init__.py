"""All tables, one noun a file."""

from db.models.accounts import ROLES, ApiKey, SignInAttempt, User, UserArea, UserSession
from db.models.areas import Area, AreaContact, AreaPerson, AreaVersion, Level
from db.models.assignments import KINDS, Assignment
from db.models.base import Base
from db.models.bureaus import Bureau, RoutingRule
from db.models.categories import Category
from db.models.cities import Backdrop, City, Counter
from db.models.desks import FindingRead, SavedView
from db.models.drafts import DRAFT_STATUSES, AreaDraft, AreaDraftComment, AreaDraftLevel, AreaDraftShape
from db.models.findings import STATUSES, Finding
from db.models.history import HistoryEntry
from db.models.people import Person
from db.models.photos import PHOTO_KINDS, Photo
from db.models.publications import PUBLICATION_KINDS, Publication
from db.models.routes import (
    LOCKS,
    PLAN_STATUSES,
    STOP_KINDS,
    STOP_STATES,
    RouteEvent,
    RouteInspector,
    RoutePlan,
    RouteStop,
    TrackConsent,
    TrackPoint,
)
from db.models.street_networks import StreetNetwork, StreetNetworkPart

__all__ = [
    "DRAFT_STATUSES",
    "KINDS",
    "LOCKS",
    "PHOTO_KINDS",
    "PLAN_STATUSES",
    "PUBLICATION_KINDS",
    "ROLES",
    "STATUSES",
    "STOP_KINDS",
    "STOP_STATES",
    "ApiKey",
    "Area",
    "AreaContact",
    "AreaDraft",
    "AreaDraftComment",
    "AreaDraftLevel",
    "AreaDraftShape",
    "AreaPerson",
    "AreaVersion",
    "Assignment",
    "Backdrop",
    "Base",
    "Bureau",
    "Category",
    "City",
    "Counter",
    "Finding",
    "FindingRead",
    "HistoryEntry",
    "Level",
    "Person",
    "Photo",
    "Publication",
    "RouteEvent",
    "RouteInspector",
    "RoutePlan",
    "RouteStop",
    "RoutingRule",
    "SavedView",
    "SignInAttempt",
    "StreetNetwork",
    "StreetNetworkPart",
    "TrackConsent",
    "TrackPoint",
    "User",
    "UserArea",
    "UserSession",
]
