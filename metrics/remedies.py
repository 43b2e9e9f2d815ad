"""What went wrong with a source and what helps, by the code of its error: for pages, mails and API."""

from __future__ import annotations

from dataclasses import dataclass

#: Where the button leads: the form of the source, a pull at once, its resumption, its page.
EDIT, PULL, RESUME, LOOK = "edit", "pull", "resume", "look"


@dataclass(frozen=True, slots=True)
class Remedy:
    """A cause: the words of its pill, of its title ({name}, {span}), what to do, and the one button."""

    pill: str
    title: str
    todo: str
    action: str
    leads: str


REMEDIES = {
    "auth": Remedy(
        "Needs sign-in",
        "{name} has refused the sign-in {span}.",
        "Enter a password or key that is valid now, or ask whoever runs the service for one.",
        "Enter a new {secret}",
        EDIT,
    ),
    "config": Remedy(
        "Failing: settings",
        "{name} has been failing {span}: its settings do not fit.",
        "Correct the setting that the error names, then test the connection.",
        "Change the settings",
        EDIT,
    ),
    "tls": Remedy(
        "Failing: certificate",
        "{name} has shown no valid certificate {span}.",
        "Have the certificate renewed, or enter the authority that signed it.",
        "Change the settings",
        EDIT,
    ),
    "egress_denied": Remedy(
        "Failing: address blocked",
        "{name} leads to an address that may not be opened, {span}.",
        "Correct the address, or add it to the setting that the error names.",
        "Change the settings",
        EDIT,
    ),
    "driver": Remedy(
        "Failing: driver missing",
        "{name} has lacked its driver {span}.",
        "Add the driver on the machine of the worker with the command that the error names.",
        "Pull again now",
        PULL,
    ),
    "role": Remedy(
        "Failing: user can write",
        "{name} signs in as a user who can change data, {span}.",
        "Use a user who can only read; the error names what this one may do.",
        "Change the settings",
        EDIT,
    ),
    "query": Remedy(
        "Failing: query",
        "{name} has not understood its query {span}.",
        "Correct the query of the metric that the error names.",
        "Open the source",
        LOOK,
    ),
    "schema": Remedy(
        "Failing: columns",
        "{name} has returned other columns than before {span}.",
        "Compare the columns on the page of the metric and choose them again.",
        "Open the source",
        LOOK,
    ),
    "too_large": Remedy(
        "Failing: too much",
        "{name} has returned more than can be taken {span}.",
        "Ask for less at once: let the query count by period, or narrow it.",
        "Open the source",
        LOOK,
    ),
    "connection": Remedy(
        "Failing: not reachable",
        "{name} has not been reachable {span}.",
        "It is tried again by itself. If it lasts, see whether the host and the network between are up.",
        "Pull again now",
        PULL,
    ),
    "timeout": Remedy(
        "Failing: no answer in time",
        "{name} has not answered in time {span}.",
        "It is tried again by itself. If it stays slow, ask for less at once.",
        "Pull again now",
        PULL,
    ),
    "rate_limited": Remedy(
        "Waiting: asked too often",
        "{name} has asked for patience {span}.",
        "Nothing: it is asked again when the service allows. If it happens often, pull it less often.",
        "Pull again now",
        PULL,
    ),
}
UNEXPECTED = Remedy(
    "Failing",
    "{name} has been failing {span}.",
    "See the log of the worker for details.",
    "Pull again now",
    PULL,
)


def of(code: str) -> Remedy:
    """The remedy of an error; the general one for a code that is not known."""
    return REMEDIES.get(code, UNEXPECTED)
