from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("teams", "0012_headings_without_a_number"),
    ]

    operations = [
        migrations.AddField(
            model_name="delivery",
            name="is_ripe",
            field=models.BooleanField(
                default=False,
                help_text="It was to leave already: it leaves as soon as it may, not with a digest.",
            ),
        ),
    ]
