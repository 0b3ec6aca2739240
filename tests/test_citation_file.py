"""CITATION.cff: a valid file of its format (1.2.0) that says what pyproject.toml says."""

import tomllib
from pathlib import Path

import pytest

yaml = pytest.importorskip("yaml", reason="dask brings PyYAML, with the extras dev and cluster")

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
# https://github.com/citation-file-format/citation-file-format/blob/1.2.0/schema-guide.md
REQUIRED = {"authors", "cff-version", "message", "title"}
OPTIONAL = {
    *("abstract", "commit", "contact", "date-released", "doi", "identifiers", "keywords"),
    *("license", "license-url", "preferred-citation", "references", "repository"),
    *("repository-artifact", "repository-code", "type", "url", "version"),
}
PERSON = {"family-names", "given-names", "name-particle", "name-suffix", "alias", "affiliation",
          "orcid", "email"}  # fmt: skip
ENTITY = {"name", "alias", "address", "city", "country", "email", "orcid", "website"}


@pytest.fixture(scope="module")
def citation() -> dict:
    return yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))


def test_it_has_what_the_format_requires_and_nothing_else(citation: dict):
    assert REQUIRED <= citation.keys() <= REQUIRED | OPTIONAL
    assert citation["cff-version"] == "1.2.0"
    assert citation["type"] in ("software", "dataset")
    texts = [value for name, value in citation.items() if name != "authors"]
    assert all(isinstance(text, str) and text.strip() for text in texts)


def test_every_author_is_a_person_or_an_entity(citation: dict):
    assert citation["authors"]
    for author in citation["authors"]:
        known = ENTITY if "name" in author else PERSON
        assert author.keys() <= known
        assert all(isinstance(value, str) and value for value in author.values())


def test_it_says_what_the_project_says(citation: dict):
    assert citation["title"] == PROJECT["name"]
    assert citation["version"] == PROJECT["version"]
    assert citation["license"] == PROJECT["license"]
    assert citation["abstract"].strip() == PROJECT["description"]
    urls = {name.lower(): url for name, url in PROJECT.get("urls", {}).items()}
    assert citation.get("repository-code") == urls.get("repository")
    assert citation.get("url") == urls.get("homepage")


def test_its_author_is_the_holder_of_the_license(citation: dict):
    license = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert all(author["name"] in license for author in citation["authors"])
