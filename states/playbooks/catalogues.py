"""What there is to translate of the playbooks that are shipped; titles of former versions stay in the .po files.

`python -m states.playbooks.catalogues` adds new titles to every .po file and says what is left to translate.
"""

from babel.messages.catalog import Catalog

from states.archive.evidence.definition import KINDS
from states.playbooks.editions import find
from states.playbooks.reader import parse
from states.texts.po_files import PoFiles
from states.texts.titles import DOMAIN, LOCALE, TRANSLATED, titles_in

FILES = PoFiles(LOCALE, DOMAIN)
SHIPPED = ("i3", "lean", "s3")


def template() -> Catalog:
    """Return every title of the shipped playbooks, and those that collaborations of former versions still show."""
    found = Catalog(domain=DOMAIN)
    for name in SHIPPED:
        for title in titles_in(parse(find(name))):
            found.add(str(title), locations=[(f"{name}.yaml", 0)])
    for kind in KINDS.values():
        found.add(kind, locations=[("evidence", 0)])
    for message in FILES.read(TRANSLATED[0]):
        if message.id and message.id not in found:
            found.add(message.id, locations=[("former", 0)])
    return found


if __name__ == "__main__":
    FILES.bring_in_step(TRANSLATED, template())
