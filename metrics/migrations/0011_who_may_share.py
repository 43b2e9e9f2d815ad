"""Who of the company may give away links to one page."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("metrics", "0010_notes_of_teams")]

    operations = [
        migrations.AddField(
            model_name="company",
            name="share_links",
            field=models.CharField(
                default="everybody", help_text="Who may share a page by a link.", max_length=10
            ),
        ),
    ]
