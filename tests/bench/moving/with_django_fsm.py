"""With django-fsm-2: a state field with a guarded transition, in a Django transaction over one kept connection."""

from collections.abc import Callable, Sequence

import django
from django.conf import settings
from sqlalchemy.engine import make_url

from states.clock import now
from states.storage.engine import SQLITE_BUSY_SECONDS
from tests.bench.moving.work import END, START, Task, check, need, rows_of


def _database(url: str) -> dict[str, object]:
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        pragmas = "PRAGMA foreign_keys=ON; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
        options: dict[str, object] = {
            "timeout": SQLITE_BUSY_SECONDS,
            "transaction_mode": "IMMEDIATE",
            "init_command": pragmas,
        }
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": address.database, "OPTIONS": options}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": address.database,
        "USER": address.username,
        "PASSWORD": address.password or "",
        "HOST": address.host or address.query.get("host", ""),
        "PORT": address.port or "",
        "CONN_MAX_AGE": None,
        # Prepared statements, as psycopg has them by itself and all others here use them.
        "OPTIONS": {"server_side_binding": True, "prepare_threshold": 5},
    }


def mover(url: str) -> Callable[[Task], None]:
    """Return what makes a move."""
    settings.configure(DATABASES={"default": _database(url)}, INSTALLED_APPS=[], USE_TZ=True)
    django.setup()

    from django.db import models, transaction  # a model needs the settings
    from django_fsm import FSMField, transition

    class Collaboration(models.Model):
        id = models.CharField(primary_key=True, max_length=32)
        partnership_id = models.CharField(max_length=32)
        stage = FSMField(default=START, protected=True)
        stage_since = models.DateTimeField()
        version = models.IntegerField()

        class Meta:
            app_label, db_table, managed = "bench", "collaboration", False

        @transition(field=stage, source=START, target=END, conditions=[lambda row: row.is_ready()])
        def draft_outline(self) -> None:
            """Write the outline."""

        def is_ready(self) -> bool:
            held = Contact.objects.filter(collaboration_id=self.id, status__in=["held", "accepted"])
            counted = held.order_by().values("collaboration_id").annotate(count=models.Count("id")).values("count")
            facts: Sequence[tuple[str, int | None]] = list(
                Member.objects.filter(collaboration_id=self.id, left_on=None)
                .annotate(contacts=models.Subquery(counted))
                .values_list("organisation__nuts", "contacts")
            )
            check([site for site, _ in facts], (facts[0][1] or 0) if facts else 0)
            return True

    class Organisation(models.Model):
        id = models.CharField(primary_key=True, max_length=32)
        nuts = models.CharField(max_length=5)

        class Meta:
            app_label, db_table, managed = "bench", "organisation", False

    class Member(models.Model):
        id = models.CharField(primary_key=True, max_length=32)
        collaboration_id = models.CharField(max_length=32)
        organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
        left_on = models.DateField(null=True)

        class Meta:
            app_label, db_table, managed = "bench", "member", False

    class Contact(models.Model):
        id = models.CharField(primary_key=True, max_length=32)
        collaboration_id = models.CharField(max_length=32)
        status = models.CharField(max_length=40)

        class Meta:
            app_label, db_table, managed = "bench", "contact", False

    class HistoryLine(models.Model):
        id = models.CharField(primary_key=True, max_length=32)
        collaboration_id = models.CharField(max_length=32)
        number = models.IntegerField()
        at = models.DateTimeField()
        move = models.CharField(max_length=40)
        from_stage = models.CharField(max_length=40)
        to_stage = models.CharField(max_length=40)
        actor_role = models.CharField(max_length=40)
        reason = models.TextField()
        seal = models.CharField(max_length=64)

        class Meta:
            app_label, db_table, managed = "bench", "history_line", False

    class OutboxMessage(models.Model):
        sequence = models.BigAutoField(primary_key=True)
        id = models.CharField(max_length=32)
        name = models.CharField(max_length=80)
        partnership_id = models.CharField(max_length=32)
        collaboration_id = models.CharField(max_length=32)
        cause_id = models.CharField(max_length=32)
        payload = models.JSONField()
        created_at = models.DateTimeField()
        tries_started = models.IntegerField(default=0)
        tries_broken_off = models.IntegerField(default=0)
        tries_failed = models.IntegerField(default=0)
        last_error = models.TextField(default="")
        release = models.TextField(default="")

        class Meta:
            app_label, db_table, managed = "bench", "outbox_message", False

    def move(task: Task) -> None:
        with transaction.atomic():
            row = Collaboration.objects.select_for_update().get(id=task.key)
            need(stage=row.stage, version=row.version, expected=task.version)
            row.draft_outline()
            lines = HistoryLine.objects.filter(collaboration_id=row.id).order_by("-number")
            last = lines.values_list("number", "seal").first()
            at = now()
            made = rows_of(row.id, row.partnership_id, last, at)
            row.stage_since, row.version = at, row.version + 1
            row.save(update_fields=["stage", "stage_since", "version"])
            HistoryLine.objects.create(**made.line)
            OutboxMessage.objects.create(**made.message)

    return move
