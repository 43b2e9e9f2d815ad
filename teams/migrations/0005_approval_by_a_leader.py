import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("teams", "0004_the_life_of_an_omtm"),
    ]

    operations = [
        migrations.AddField(
            model_name="omtm",
            name="approval_asked_at",
            field=models.DateTimeField(
                blank=True,
                help_text="Set while it waits for a leader, where two keys are asked for.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="omtm",
            name="approval_asked_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
    ]
