"""Any web service that answers in JSON: an admin says how it is asked and where the numbers stand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from metrics.connectors.base import Answer, Ask, ConnectorError, Field
from metrics.connectors.http import json_recipe
from metrics.connectors.http.json_fields import QUERY_FIELDS, SETTINGS_FIELDS
from metrics.connectors.http.request import Request
from metrics.connectors.http.running import run
from metrics.connectors.http.web_connector import WebConnector, clean_address
from metrics.connectors.recipe import Auth


class JsonConnector(WebConnector):
    """A REST service; the address is the source's, paths and expressions are the metric's."""

    kind: ClassVar[str] = "http_json"
    label: ClassVar[str] = "HTTP and JSON"
    description: ClassVar[str] = "Any web service with an API that answers in JSON."
    initials: ClassVar[str] = "Js"
    needs: ClassVar[str] = "The address of the API and, mostly, a token that can read."
    docs: ClassVar[str] = "http_json"
    settings_fields: ClassVar[tuple[Field, ...]] = SETTINGS_FIELDS
    query_fields: ClassVar[tuple[Field, ...]] = QUERY_FIELDS

    @classmethod
    def clean_settings(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        """Settings with checked addresses and headers. Raises ConnectorError("config")."""
        cleaned = super().clean_settings(values)
        cleaned["address"] = clean_address(cleaned["address"], whole=False)
        json_recipe.check_settings(cleaned)
        return cleaned

    @classmethod
    def clean_query(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        """The metric's question; expressions are compiled, so that a wrong one is told at its field."""
        cleaned = super().clean_query(values)
        json_recipe.check_query(cleaned)
        return cleaned

    def check(self) -> tuple[str, ...]:
        """Ask the path that is to be tried. Raises ConnectorError where the sign-in is refused."""
        settings = self.clean_settings(self.settings)
        auth: Auth = json_recipe.auth_of(settings)
        url = settings["address"] + "/" + settings["try_path"].lstrip("/")
        with self.exchange() as web:
            try:
                web.send(
                    self.signer(web, auth).sign(Request("GET", url, headers=json_recipe.headers_of(settings)))
                )
            except ConnectorError as error:
                if error.code != "query":
                    raise
                note = f"The service answers, but not at {settings['try_path']}: the sign-in may be untested."
                return (note, *json_recipe.cautions(settings))
        return ("The service answers.", *json_recipe.cautions(settings))

    def fetch(self, ask: Ask) -> Answer:
        """The rows of one metric. Raises ConnectorError."""
        settings = self.clean_settings(self.settings)
        return run(
            json_recipe.recipe_of(settings, self.clean_query(ask.query), ask), ask,
            egress=self.egress, settings=settings, secrets=self.secrets, renewals=self.renewals,
            around=self.around,
        )  # fmt: skip
