"""All tables, one noun a file."""

from db.models.accounts import ROLES, ApiKey, SignInAttempt, User, UserArea, UserSession
from db.models.areas import Area, AreaContact, AreaPerson, AreaVersion, Level
from db.models.assignments import KINDS, Assignment
from db.models.base import Base
from db.models.bureaus import Bureau, RoutingRule
from db.models.cases import LINK_KINDS, TASK_ROLES, TASK_STATUSES, BureauTask, FindingLink, NotADuplicate
from db.models.categories import Category
from db.models.cities import Backdrop, City, Counter
from db.models.clocks import (
    DAY_KINDS,
    EXTENSION_STATUSES,
    LIMIT_STEPS,
    LIMIT_UNITS,
    CalendarDay,
    Extension,
    TimeLimit,
    WorkingHours,
)
from db.models.desks import FindingRead, SavedView
from db.models.drafts import DRAFT_STATUSES, AreaDraft, AreaDraftComment, AreaDraftLevel, AreaDraftShape
from db.models.findings import STATUSES, Finding
from db.models.history import HistoryEntry
from db.models.notices import (
    CHANNELS,
    DELIVERY_STATUSES,
    WEBHOOK_FORMS,
    Delivery,
    MailAddress,
    Notice,
    NoticeChoice,
    Webhook,
)
from db.models.papers import PAPER_KINDS, Paper, PaperTemplate, PhotoCopy
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
    "CHANNELS",
    "DAY_KINDS",
    "DELIVERY_STATUSES",
    "DRAFT_STATUSES",
    "EXTENSION_STATUSES",
    "KINDS",
    "LIMIT_STEPS",
    "LIMIT_UNITS",
    "LINK_KINDS",
    "LOCKS",
    "PAPER_KINDS",
    "PHOTO_KINDS",
    "PLAN_STATUSES",
    "PUBLICATION_KINDS",
    "ROLES",
    "STATUSES",
    "STOP_KINDS",
    "STOP_STATES",
    "TASK_ROLES",
    "TASK_STATUSES",
    "WEBHOOK_FORMS",
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
    "BureauTask",
    "CalendarDay",
    "Category",
    "City",
    "Counter",
    "Delivery",
    "Extension",
    "Finding",
    "FindingLink",
    "FindingRead",
    "HistoryEntry",
    "Level",
    "MailAddress",
    "NotADuplicate",
    "Notice",
    "NoticeChoice",
    "Paper",
    "PaperTemplate",
    "Person",
    "Photo",
    "PhotoCopy",
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
    "TimeLimit",
    "TrackConsent",
    "TrackPoint",
    "User",
    "UserArea",
    "UserSession",
    "Webhook",
    "WorkingHours",
]
