from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("metrics", "0006_waiting_and_breakers_of_sources")]

    operations = [
        migrations.AddField(
            model_name="source",
            name="secret_hint",
            field=models.CharField(
                blank=True,
                default="",
                help_text="Which key it is, by its last four characters.",
                max_length=80,
            ),
        ),
    ]
