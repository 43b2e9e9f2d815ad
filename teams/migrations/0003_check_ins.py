"""What people thought of a bet becomes a check-in."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("teams", "0002_teams_and_omtms")]

    operations = [migrations.RenameModel("Confidence", "CheckIn")]
