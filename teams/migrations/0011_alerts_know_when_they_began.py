from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("teams", "0010_the_bell_has_an_index"),
    ]

    operations = [
        migrations.AddField(
            model_name="alert",
            name="begun_at",
            field=models.DateTimeField(
                blank=True,
                help_text="When it began to ask what it asks; none: it never asked else.",
                null=True,
            ),
        ),
    ]
