"""Telling people: notices in the app, and what is sent outside with every try."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, BigKey, Key, Word

CHANNELS = ("email", "webhook")
WEBHOOK_FORMS = ("json", "wecom", "dingtalk")
DELIVERY_STATUSES = ("waiting", "sent", "failed", "given_up")


class Notice(Base):
    """Something that a person should know about a finding. ``occasion`` makes a reminder come once.

    No words are kept, only what they are made of: they are said in the reader's language.
    """

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("user_id", "occasion"),
        Index("ix_notices_user", "user_id", "read_at"),
        Index("ix_notices_at", "at"),
    )

    id: Mapped[BigKey]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    finding_id: Mapped[int | None] = mapped_column(ForeignKey("findings.id"), index=True)
    kind: Mapped[str] = mapped_column(String(32))
    occasion: Mapped[str] = mapped_column(String(120))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    mailed_at: Mapped[datetime | None]


class NoticeChoice(Base):
    """How a person wants one kind of notice by e-mail: at once, in a digest, or not. No row: the usual way."""

    __tablename__ = "notice_choices"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32), primary_key=True)
    mail: Mapped[str] = mapped_column(String(16))


class MailAddress(Base):
    """A user's e-mail address and the language to write in; apart from accounts, so that it can be deleted alone."""

    __tablename__ = "mail_addresses"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    address: Mapped[str] = mapped_column(String(254))
    lang: Mapped[str] = mapped_column(String(8), default="zh")
    changed_at: Mapped[datetime]


class Webhook(Base):
    """An address that is told of events, in one of three message forms, signed with its secret."""

    __tablename__ = "webhooks"
    __table_args__ = (
        CheckConstraint("form IN (" + ", ".join(f"'{f}'" for f in WEBHOOK_FORMS) + ")", name="form"),
    )

    id: Mapped[Key]
    name: Mapped[Word]
    url: Mapped[str] = mapped_column(String(1000))
    form: Mapped[str] = mapped_column(String(16))
    secret: Mapped[str] = mapped_column(String(200), default="")
    kinds: Mapped[list[str]] = mapped_column(JSON, default=list)
    bureau_id: Mapped[int | None] = mapped_column(ForeignKey("bureaus.id"))
    lang: Mapped[str] = mapped_column(String(8), default="zh")
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    retired_at: Mapped[datetime | None]


class Delivery(Base):
    """One message to the outside: waiting, sent, failed and to be tried again, or given up."""

    __tablename__ = "deliveries"
    __table_args__ = (
        CheckConstraint("channel IN (" + ", ".join(f"'{c}'" for c in CHANNELS) + ")", name="channel"),
        CheckConstraint("status IN (" + ", ".join(f"'{s}'" for s in DELIVERY_STATUSES) + ")", name="status"),
        Index("ix_deliveries_waiting", "status", "next_at"),
    )

    id: Mapped[BigKey]
    channel: Mapped[str] = mapped_column(String(16))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    webhook_id: Mapped[int | None] = mapped_column(ForeignKey("webhooks.id"))
    kind: Mapped[str] = mapped_column(String(32))
    finding_id: Mapped[int | None] = mapped_column(ForeignKey("findings.id"), index=True)
    payload: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    status: Mapped[str] = mapped_column(String(16))
    tries: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(Text, default="")
    answer: Mapped[str] = mapped_column(String(500), default="")
