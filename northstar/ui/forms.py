"""Forms in our look: FORM_RENDERER points here."""

from __future__ import annotations

from django.forms.renderers import TemplatesSetting


class FormRenderer(TemplatesSetting):
    """Renders `{{ form }}` with templates/_form.html and every field with templates/_field.html.

    A form may set plain attributes on a field, all optional, that the template then shows:
    `unit` ("%": written inside the control, at the right), `aside` (a sentence beside the control),
    `stored` (a hint such as "…ab12": the secret is stored, and an empty control keeps it),
    `segmented` (False draws a RadioSelect as a plain list).
    """

    form_template_name = "_form.html"
    field_template_name = "_field.html"
