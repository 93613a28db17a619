"""Texts that say something, in any script, and those that do not."""

from __future__ import annotations

import pytest

from incidentio_magic.drills.wording import same, says_something


@pytest.mark.parametrize(
    "message",
    [
        "The job is killed.",
        "Orders are normal.",
        "Rolled back to 4710, errors at 0.3 %.",
        "Ошибка исправлена, наблюдаем дальше.",
        "数据库连接池已满",
        "قاعدة البيانات ممتلئة",
        "ฐานข้อมูลเต็มแล้ว",
        "Υπάρχει πρόβλημα στο ταμείο",
    ],
)
def test_it_says_something(message):
    """A short sentence is enough, in scripts without spaces or capitals, too."""
    assert says_something(message)


@pytest.mark.parametrize(
    "message",
    [
        None,
        "",
        " ",
        "...",
        "ok",
        "update",
        "still on it",
        "working on it",
        "aaa bbb ccc ddd eee",
        "1234567890 12345",
        "🔥🔥🔥🔥🔥",
        "update update update update",
        "xx yy zz xx yy zz xx",
    ],
)
def test_it_says_nothing(message):
    """Empty words, one word again and again, figures and signs alone say nothing."""
    assert not says_something(message)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("xx", False),
        ("Checkout", False),
        ("a b", False),
        ("Search finds nothing", True),
        ("DB full again", True),
        ("支付失败", True),
    ],
)
def test_names(name, says):
    """A name may be shorter than a message, but not two letters."""
    assert says_something(name, "name") is says


def test_the_same_words():
    """Case, spaces and punctuation make no new message."""
    assert same("We look at it.") == same("we  look at IT!!")
    assert same("Pool at 40 of 100") != same("Pool at 80 of 100")
