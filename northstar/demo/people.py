"""Who works at Brindlewick, and in which team."""

from __future__ import annotations

from dataclasses import dataclass

COMPANY = "Brindlewick"
DOMAIN = "brindlewick.example"


@dataclass(frozen=True, slots=True)
class Person:
    """`team` is a slug; without team and grants somebody only looks."""

    key: str
    name: str
    team: str = ""
    role: str = "member"
    grants: tuple[str, ...] = ()

    @property
    def email(self) -> str:
        return f"{self.key}@{DOMAIN}"


@dataclass(frozen=True, slots=True)
class Group:
    """A team; `drivers` are the keys of the drivers that it moves, `typed` the series that it types in."""

    slug: str
    name: str
    department: str
    stage: str
    drivers: tuple[str, ...] = ()
    typed: tuple[str, ...] = ()


TEAMS = (
    Group("marketing", "Marketing", "Growth", "acquisition", ("new_paid",)),
    Group("onboarding", "Onboarding", "Customer", "activation", ("activation", "new_crews")),
    Group("core-scheduling", "Core Scheduling", "Product", "retention", ("engaged", "jobs")),
    Group("sales", "Sales", "Growth", "revenue", ("accounts", "trial_to_paid", "new_paid")),
    Group("customer-success", "Customer Success", "Customer", "retention",
          ("crew_lapse", "lapsed_crews", "reactivated_crews"), ("visits",)),
    Group("platform", "Platform", "Engineering", "", ("sync",)),
    Group("partnerships", "Partnerships", "Growth", "referral", ("referrals",)),
)  # fmt: skip

PEOPLE = (
    Person("maren", "Maren Tolk", grants=("leader", "admin")),
    Person("idris", "Idris Vane", "marketing", "lead"),
    Person("lene", "Lene Aske", "marketing"),
    Person("piet", "Piet Oorschot", "marketing"),
    Person("solveig", "Solveig Marr", "onboarding", "lead"),
    Person("hanno", "Hanno Brix", "onboarding"),
    Person("ines", "Ines Calloway", "onboarding"),
    Person("teo", "Teo Lindqvist", "core-scheduling", "lead"),
    Person("mirja", "Mirja Sundt", "core-scheduling"),
    Person("obi", "Obi Fennell", "core-scheduling"),
    Person("tamsin", "Tamsin Reuter", "core-scheduling"),
    Person("amara", "Amara Finch", "sales", "lead"),
    Person("jonas", "Jonas Wehrli", "sales"),
    Person("priya", "Priya Denholm", "sales"),
    Person("bruno", "Bruno Achterberg", "customer-success", "lead"),
    Person("kaja", "Kaja Morell", "customer-success"),
    Person("silas", "Silas Otterbein", "customer-success"),
    Person("yuki", "Yuki Sandoval", "platform", "lead"),
    Person("dario", "Dario Klint", "platform"),
    Person("freya", "Freya Osgood", "platform"),
    Person("noor", "Noor Haverkamp", "partnerships", "lead"),
    Person("emil", "Emil Strand", "partnerships"),
    Person("ruth", "Ruth Pell", "partnerships"),
    Person("vera", "Vera Holm"),
)


def may_do(person: Person) -> str:
    """What somebody may do in words, empty for those who are like another one who is named."""
    if person.grants:
        return "sets the North Star, looks after sources and people"
    team = next((group for group in TEAMS if group.slug == person.team), None)
    if team is None:
        return "looks at everything, changes nothing"
    if person.role == "lead":
        return f"leads {team.name}"
    return "member of Marketing" if person.key == "lene" else ""
