"""What can be found: one entry per record, and a note of every record whose entry is older than itself."""

from django.db import models


class Entry(models.Model):
    """What the index knows of a record. The database keeps its full text beside it (migrations/0001)."""

    kind = models.CharField(max_length=12)
    object_id = models.PositiveBigIntegerField()
    #: What the record is called, and what it says: as a person reads it.
    title = models.CharField(max_length=200)
    plain = models.TextField()
    #: Both as grams; what is found in the first counts more.
    title_grams = models.TextField()
    grams = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "object_id"], name="one_entry_per_record")]

    def __str__(self) -> str:
        return self.title


class Stale(models.Model):
    """A record was changed: its entry is to be written anew. Written in the transaction of the change, several times if need be."""

    kind = models.CharField(max_length=12)
    object_id = models.PositiveBigIntegerField()

    def __str__(self) -> str:
        return f"{self.kind}:{self.object_id}"
