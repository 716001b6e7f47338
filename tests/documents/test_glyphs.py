"""Characters that the fonts can draw, and stand-ins for those that they cannot."""

from documents.render import missing, settle


def test_look_alikes_are_put_for_what_the_fonts_lack() -> None:
    assert settle("10\u2009000 non\u2011stop \u2116 5 a\u0301") == "10\u202f000 non-stop No. 5 \u00e1"


def test_settled_typography_can_be_drawn() -> None:
    assert (
        missing(
            settle("\u2009\u200a\u2007\u2002\u2003\u2011\u2010\u2015\u25cf\u25cb\u2714\u2116\u00ad\u200b\ufeff\t\r")
        )
        == ()
    )


def test_each_missing_character_is_named_once() -> None:
    assert missing("中a中🙂") == ("U+4E2D CJK UNIFIED IDEOGRAPH-4E2D", "U+1F642 SLIGHTLY SMILING FACE")
