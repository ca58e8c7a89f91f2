"""CSV: what is read, and what is refused with its row and column."""

import time
from pathlib import Path

import pytest

from symnet.data import read_data
from symnet.errors import DataError


def columns(text: str, **more: object) -> dict[str, list[float]]:
    return {name: values.tolist() for name, values in read_data(text, **more).items()}


@pytest.mark.parametrize(
    "text",
    [
        "u,v\n1,2\n3,4\n",
        "u,v\r\n1,2\r\n3,4\r\n",
        "u,v\r1,2\r3,4",
        "\ufeffu,v\n1,2\n3,4",
        '"u","v"\n"1","2"\n"3","4"\n\n\n',
        "u, v\n 1, 2\n 3, 4.0\n",
        "u,v\n+1,2e0\n3.,.4e1",
    ],
)
def test_read(text: str) -> None:
    assert columns(text) == {"u": [1, 3], "v": [2, 4]}


def test_names_are_canonical_and_picked_in_any_spelling() -> None:
    assert columns("x_1,ŷ,η\n1,2,3\n") == {"x1": [1], "yhat": [2], "eta": [3]}
    assert columns("x_1,y\n1,2\n", columns=["y", "x₁"]) == {"y": [2], "x1": [1]}


def test_same_point_twice_is_data() -> None:
    assert columns("u,v\n1,2\n1,3\n")["v"] == [2, 3]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no data"),
        ("u,v\n", "no rows"),
        ("points.csv", "pathlib.Path"),
        ("1,2\n3,4\n", "must name the columns"),
        ("u,v\n1\n", "line 2: 1 cells"),
        ("u,v\n1,2,3\n", "line 2: 3 cells"),
        ("u,v\n1,2\n\n3,4\n", "line 3 is blank"),
        ("u,u\n1,2\n", "twice"),
        ("u_1,u₁\n1,2\n", "twice"),
        ("u,\n1,2\n", "column 2"),
        ("<b>,v\n1,2\n", "column 1"),
        ("u,v\n1,nan\n", "line 2, column v: `nan`"),
        ("u,v\n1,-inf\n", "not a number"),
        ("u,v\n1,1e999\n", "too large"),
        ("u,v\n1,abc\n", "write a decimal number"),
        ('u,v\n1,"2,5"\n', "point"),
        ("u,v\n1,2_000\n", "without _"),
        ("u,v\n1,٢\n", "not a number"),
        ("u,v\n1,２\n", "not a number"),
        ("u,v\n1,€3\n", "the number alone"),
        ("u,v\n1,3%\n", "the number alone"),
        ("u,v\n1,\n", "every cell"),
        ("u,v\n1,0x1F\n", "not a number"),
        ("u,v\n1,1.2.3\n", "not a number"),
        ("u,v\n1,--2\n", "not a number"),
        ("u,v\n1,2\u0000\n", "line 2"),
        ('u,v\n1,"2\n', "line 2"),
        ('u,v\n1,"2"3\n', "line 2"),
        ("u;v\n1;2\n", "not the name of a column"),
    ],
)
def test_refused(text: str, words: str) -> None:
    with pytest.raises(DataError) as caught:
        read_data(text)
    assert words in str(caught.value)
    assert len(str(caught.value)) <= 300


def test_a_missing_column() -> None:
    with pytest.raises(DataError, match="no column `w`; the columns are u, v"):
        read_data("u,v\n1,2\n", columns=["w"])


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    path.write_bytes(b"\xef\xbb\xbfu,v\r\n1,2\r\n")
    assert read_data(path)["v"].tolist() == [2]
    path.write_bytes(b"u,v\n1,\xff\n")
    with pytest.raises(DataError, match="UTF-8"):
        read_data(path)
    with pytest.raises(DataError, match="cannot be opened"):
        read_data(tmp_path / "none.csv")


def test_a_row_of_a_million_cells() -> None:
    with pytest.raises(DataError, match="1,000,001 cells"):
        read_data("u,v\n" + "1," * 1_000_000 + "\n")


@pytest.mark.slow
def test_a_million_rows() -> None:
    start = time.perf_counter()
    data = read_data("u,v\n" + "0.5,1\n" * 1_000_000)
    assert data["u"].shape == (1_000_000,)
    assert time.perf_counter() - start < 20
