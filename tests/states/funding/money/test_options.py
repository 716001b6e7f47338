"""The options of regulations, as data."""

from states.funding.money.law import money_rules
from states.funding.money.options import shipped_options


def test_each_shipped_option_names_its_article_and_says_whether_it_was_read() -> None:
    shipped = shipped_options().values()

    assert all(one.article and one.eli.startswith("http://data.europa.eu/eli/") and one.source for one in shipped)
    assert all((one.verified_on is not None) is one.verified for one in shipped)
    assert not any(set(one.base) & set(one.covers) for one in shipped)


def test_each_rule_says_whether_it_was_read() -> None:
    assert all((one.verified_on is not None) is one.verified for one in money_rules().values())
    assert money_rules()["cpr-vat"].figures == {"euro": 5_000_000}
