"""The product's documentation, read into the few blocks that its pages show."""

from __future__ import annotations

from northstar.lib import doctext

PAGE = """# Sources

Before.

## postgresql

Connects as a user who can *only* **read** [as told](trust.md):

    create role reader;

    grant select;

- one `code`
  and more
- two

| A | B |
|---|---|
| 1 | `2` |

### Limits
Few.

```
plain

text
```
## push

Other.
"""


def test_a_section_ends_where_the_next_one_as_high_begins() -> None:
    found = doctext.section(PAGE, "postgresql")
    assert found.startswith("Connects") and "### Limits" in found and "Other" not in found
    assert doctext.section(PAGE, "nowhere") == ""


def test_blocks_keep_code_lists_tables_and_paragraphs_apart() -> None:
    found = doctext.blocks(doctext.section(PAGE, "postgresql"))
    kinds = [block.kind for block in found]
    assert kinds == ["paragraph", "code", "code", "list", "table", "heading", "paragraph", "code"]
    assert found[0].lines == ((("Connects as a user who can *only* read as told:", False),),)
    assert found[3].lines[0] == (("one ", False), ("code", True), (" and more", False))
    assert found[4].rows[1] == ((("1", False),), (("2", True),))
    assert found[-1].text == "plain\n\ntext"
