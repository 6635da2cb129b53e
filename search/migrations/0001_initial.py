"""The index of the search: its rows, and what the database needs to find words in them.

PostgreSQL keeps a tsvector beside each row; SQLite an FTS5 table that its triggers keep in step. Whatever was recorded before
is noted as stale, so that the first search or the task writes it in.
"""

from typing import Any

from django.db import migrations, models

POSTGRESQL = (
    """ALTER TABLE search_entry ADD COLUMN words tsvector GENERATED ALWAYS AS (
         setweight(to_tsvector('simple', title_grams), 'A') || setweight(to_tsvector('simple', grams), 'D')) STORED""",
    "CREATE INDEX search_words ON search_entry USING gin (words)",
)
SQLITE = (
    """CREATE VIRTUAL TABLE search_words USING fts5(title_grams, grams, content='search_entry', content_rowid='id',
         tokenize='unicode61 remove_diacritics 0')""",
    """CREATE TRIGGER search_words_added AFTER INSERT ON search_entry BEGIN
         INSERT INTO search_words(rowid, title_grams, grams) VALUES (new.id, new.title_grams, new.grams); END""",
    """CREATE TRIGGER search_words_gone AFTER DELETE ON search_entry BEGIN
         INSERT INTO search_words(search_words, rowid, title_grams, grams)
           VALUES ('delete', old.id, old.title_grams, old.grams); END""",
    """CREATE TRIGGER search_words_changed AFTER UPDATE ON search_entry BEGIN
         INSERT INTO search_words(search_words, rowid, title_grams, grams)
           VALUES ('delete', old.id, old.title_grams, old.grams);
         INSERT INTO search_words(rowid, title_grams, grams) VALUES (new.id, new.title_grams, new.grams); END""",
)


def full_text(apps: Any, editor: Any) -> None:
    for statement in POSTGRESQL if editor.connection.vendor == "postgresql" else SQLITE:
        editor.execute(statement)


def no_full_text(apps: Any, editor: Any) -> None:
    if editor.connection.vendor == "postgresql":
        editor.execute("ALTER TABLE search_entry DROP COLUMN words")
        return
    for name in ("added", "gone", "changed"):
        editor.execute(f"DROP TRIGGER search_words_{name}")
    editor.execute("DROP TABLE search_words")


KINDS = (
    ("finding", "findings", "Finding"),
    ("audit", "audits", "Audit"),
    ("customer", "customers", "Customer"),
    ("person", "people", "User"),
    ("site", "people", "Site"),
)


def note_everything(apps: Any, editor: Any) -> None:
    stale = apps.get_model("search", "Stale")
    for kind, app, model in KINDS:
        keys = apps.get_model(app, model).objects.order_by("pk").values_list("pk", flat=True)
        stale.objects.bulk_create((stale(kind=kind, object_id=key) for key in keys.iterator()), batch_size=500)


class Migration(migrations.Migration):
    initial = True
    dependencies = [
        ("audits", "0005_files"),
        ("customers", "0001_initial"),
        ("findings", "0010_read_across_policies"),
        ("people", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=12)),
                ("object_id", models.PositiveBigIntegerField()),
                ("title", models.CharField(max_length=200)),
                ("plain", models.TextField()),
                ("title_grams", models.TextField()),
                ("grams", models.TextField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "object_id"), name="one_entry_per_record")
                ],
            },
        ),
        migrations.CreateModel(
            name="Stale",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=12)),
                ("object_id", models.PositiveBigIntegerField()),
            ],
        ),
        migrations.RunPython(full_text, no_full_text),
        migrations.RunPython(note_everything, migrations.RunPython.noop),
    ]
