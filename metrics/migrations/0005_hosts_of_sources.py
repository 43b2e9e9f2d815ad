"""Sources that are here already learn which host they lead to; the limits of hosts count them too."""

from django.db import migrations


def note_hosts(apps, schema_editor):
    Source = apps.get_model("metrics", "Source")
    for source in Source.objects.filter(host_key="").iterator():
        host, port = source.settings.get("host"), source.settings.get("port")
        if host:
            Source.objects.filter(pk=source.pk).update(host_key=f"{host}:{port}".lower()[:280])


class Migration(migrations.Migration):
    dependencies = [("metrics", "0004_sources_that_admins_trust")]

    operations = [migrations.RunPython(note_hosts, migrations.RunPython.noop, elidable=True)]
