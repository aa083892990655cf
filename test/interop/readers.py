"""Opens files with one reader after the other and says what each found: rows, column types, and every text by column.

    python readers.py QUESTION ANSWER

QUESTION is JSON, a list of {"reader", "kind", "files": [path …], "rowsKey"?}; ANSWER becomes a list in the same order of
{"files": [{"split"?, "rows", "columns": {name: type}, "texts": {name: [text …]}, "notes": [note …]} …]} or {"error": text}.
A type is {"is": word}, a list has "of", a struct has "fields".
"""

import csv
import datetime
import json
import sys
import tempfile
import traceback


def with_datasets(kind, files, rows_key):
    """All files at once as splits of one dataset, the way a trainer loads them."""
    import datasets

    datasets.disable_progress_bars()
    builder = {"jsonl": "json", "tsv": "csv"}.get(kind, kind)
    options = {"tsv": {"sep": "\t"}}.get(kind, {})
    if kind == "folder":
        builder, files = files[0], None
    if kind == "json" and rows_key is not None:
        options["field"] = rows_key
    splits = files and {f"split{number}": path for number, path in enumerate(files)}
    with tempfile.TemporaryDirectory() as cache:
        loaded = datasets.load_dataset(builder, data_files=splits, cache_dir=cache, **options)

        def look(name, split):
            columns = {name: datasets_type(type_) for name, type_ in split.features.items()}
            return {"split": name, **found(split.num_rows, columns, split[:])}

        return [look(name, split) for name, split in loaded.items()]


def with_pyarrow(kind, files, rows_key):
    import pyarrow.csv
    import pyarrow.json
    import pyarrow.parquet

    def read(path):
        if kind == "parquet":
            return pyarrow.parquet.read_table(path)
        if kind == "jsonl":
            return pyarrow.json.read_json(path)
        delimiter = "\t" if kind == "tsv" else ","
        return pyarrow.csv.read_csv(
            path, parse_options=pyarrow.csv.ParseOptions(delimiter=delimiter, newlines_in_values=True)
        )

    def look(table):
        columns = {field.name: arrow_type(field.type) for field in table.schema}
        return found(table.num_rows, columns, unpacked_columns(table.to_pydict(), columns))

    return [look(read(path)) for path in files]


def with_polars(kind, files, rows_key):
    import polars

    def read(path):
        if kind == "parquet":
            return polars.read_parquet(path)
        if kind == "jsonl":
            return polars.read_ndjson(path, infer_schema_length=None)
        if kind == "json":
            frame = polars.read_json(path, infer_schema_length=None)
            return frame if rows_key is None else frame.select(polars.col(rows_key).explode(empty_as_null=False).struct.unnest())
        return polars.read_csv(path, separator="\t" if kind == "tsv" else ",", infer_schema_length=None)

    def look(frame):
        columns = {name: polars_type(type_) for name, type_ in frame.schema.items()}
        return found(frame.height, columns, unpacked_columns(frame.to_dict(as_series=False), columns))

    return [look(read(path)) for path in files]


def with_duckdb(kind, files, rows_key):
    import duckdb

    # Nothing may be fetched: all that is asked for here is built in.
    connection = duckdb.connect(config={"autoinstall_known_extensions": False})
    # Types are found from all rows, and an object is a struct, not a map.
    whole = "sample_size = -1, map_inference_threshold = -1, maximum_object_size = 1000000000"
    if kind == "parquet":
        query = "SELECT * FROM read_parquet($path)"
    elif kind == "jsonl":
        query = f"SELECT * FROM read_json($path, format = 'newline_delimited', {whole})"
    elif kind == "json" and rows_key is None:
        query = f"SELECT * FROM read_json($path, format = 'array', {whole})"
    elif kind == "json":
        name = rows_key.replace('"', '""')
        query = f"""SELECT unnest("row") FROM (SELECT unnest("{name}") AS "row" FROM read_json($path, {whole}))"""
    else:
        query = "SELECT * FROM read_csv($path, header = true, sample_size = -1)"

    def read(path):
        result = connection.execute(query, {"path": path})
        columns = {name: duckdb_type(type_) for name, type_, *_ in result.description}
        # By way of Arrow: without it a time with a zone needs pytz, which duckdb does not bring.
        table = result.to_arrow_table()
        return found(table.num_rows, columns, unpacked_columns(table.to_pydict(), columns))

    return [read(path) for path in files]


def with_python(kind, files, rows_key):
    """CPython's own json and csv, and what stricter line readers than these stumble over."""

    def read(path):
        with open(path, "rb") as file:
            raw = file.read()
        text = raw.decode("utf-8")
        notes = ["byte order mark"] if text.startswith("\ufeff") else []
        if not text.endswith("\n"):
            notes.append("no line end at the end")
        if kind in ("csv", "tsv"):
            with open(path, newline="", encoding="utf-8") as file:
                header, *lines = csv.reader(file, delimiter="\t" if kind == "tsv" else ",", strict=True)
            if any(len(line) != len(header) for line in lines):
                notes.append("lines of different lengths")
            return found(len(lines), {name: {"is": "text"} for name in header}, dict(zip(header, zip(*lines))), notes)
        if kind == "json":
            whole = strict_json(text)
            rows = whole if rows_key is None else whole[rows_key]
        else:
            lines = text.split("\n")[:-1]
            if any(line.strip() == "" for line in lines):
                notes.append("blank lines")
            rows = [strict_json(line) for line in lines]
        names = list(dict.fromkeys(name for row in rows for name in row))
        if any(list(row) != names for row in rows):
            notes.append("not the same keys in the same order everywhere")
        cells = {name: [row.get(name) for row in rows] for name in names}
        return found(len(rows), {name: python_type(cells[name]) for name in names}, cells, notes)

    return [read(path) for path in files]


READERS = {"datasets": with_datasets, "pyarrow": with_pyarrow, "polars": with_polars, "duckdb": with_duckdb, "python": with_python}


def found(rows, columns, cells, notes=()):
    texts = {name: sorted(set(texts_of(list(cells[name])))) for name in columns}
    return {"rows": rows, "columns": columns, "texts": texts, "notes": list(notes)}


def texts_of(value):
    """Every text in a value, at any depth; a time as Tilth writes it."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, tuple)):
        for member in value:
            yield from texts_of(member)
    elif isinstance(value, dict):
        for member in value.values():
            yield from texts_of(member)
    elif isinstance(value, datetime.datetime):
        utc = value if value.tzinfo is None else value.astimezone(datetime.timezone.utc)
        yield utc.strftime("%Y-%m-%dT%H:%M:%S.") + f"{utc.microsecond // 1000:03d}Z"


def unpacked_columns(cells, columns):
    return {name: unpacked(cells[name], list_of(type_)) for name, type_ in columns.items()}


def unpacked(value, type_):
    """JSON that a reader hands out as text or as bytes, at any depth."""
    if value is None:
        return None
    if type_["is"] in ("json", "bytes"):
        return json.loads(value)
    if type_["is"] == "list":
        return [unpacked(member, type_["of"]) for member in value]
    if type_["is"] == "struct":
        return {name: unpacked(member, type_["fields"][name]) for name, member in value.items()}
    return value


def strict_json(text):
    def refuse(word):
        raise ValueError(f"{word} is no JSON")

    def members(pairs):
        if len(dict(pairs)) != len(pairs):
            raise ValueError("a key stands twice in an object")
        return dict(pairs)

    return json.loads(text, parse_constant=refuse, object_pairs_hook=members)


def word(name):
    return {"is": name}


def list_of(type_):
    return {"is": "list", "of": type_}


def struct(fields):
    return {"is": "struct", "fields": dict(fields)}


def datasets_type(feature):
    import datasets

    if isinstance(feature, dict):
        return struct((name, datasets_type(member)) for name, member in feature.items())
    if isinstance(feature, (datasets.List, datasets.LargeList)):
        return list_of(datasets_type(feature.feature))
    if isinstance(feature, datasets.Json):
        return word("json")
    if isinstance(feature, datasets.Value):
        return arrow_type(feature.pa_type)
    return word(repr(feature))


def arrow_type(type_):
    from pyarrow import types

    if types.is_string(type_) or types.is_large_string(type_):
        return word("text")
    if types.is_boolean(type_):
        return word("boolean")
    if types.is_integer(type_):
        return word("integer")
    if types.is_floating(type_):
        return word("number")
    if types.is_timestamp(type_) or types.is_date(type_):
        return word("time")
    if types.is_null(type_):
        return word("null")
    if types.is_list(type_) or types.is_large_list(type_):
        return list_of(arrow_type(type_.value_type))
    if types.is_struct(type_):
        return struct((field.name, arrow_type(field.type)) for field in type_)
    return word("json" if str(type_).startswith("extension<arrow.json") else str(type_))


def polars_type(type_):
    import polars

    if isinstance(type_, polars.List):
        return list_of(polars_type(type_.inner))
    if isinstance(type_, polars.Struct):
        return struct((field.name, polars_type(field.dtype)) for field in type_.fields)
    if type_.is_integer():
        return word("integer")
    if type_.is_float():
        return word("number")
    if type_.is_temporal():
        return word("time")
    return word({"String": "text", "Boolean": "boolean", "Null": "null", "Binary": "bytes"}.get(str(type_), str(type_)))


def duckdb_type(type_):
    name = type_.id
    if name == "list":
        return list_of(duckdb_type(type_.child))
    if name == "struct":
        return struct((member, duckdb_type(of)) for member, of in type_.children)
    if str(type_) == "JSON":
        return word("json")
    if name in ("tinyint", "smallint", "integer", "bigint", "hugeint", "utinyint", "usmallint", "uinteger", "ubigint"):
        return word("integer")
    if name in ("float", "double", "decimal"):
        return word("number")
    if name.startswith("timestamp") or name == "date":
        return word("time")
    return word({"varchar": "text", "boolean": "boolean"}.get(name, str(type_)))


def python_type(values):
    """The type of JSON values that stand in one place."""
    values = [value for value in values if value is not None]
    if not values:
        return word("null")
    if all(isinstance(value, dict) for value in values):
        names = dict.fromkeys(name for value in values for name in value)
        return struct((name, python_type([value.get(name) for value in values])) for name in names)
    if all(isinstance(value, list) for value in values):
        return list_of(python_type([member for value in values for member in value]))
    for kind, name in ((bool, "boolean"), (int, "integer"), ((int, float), "number"), (str, "text")):
        if all(isinstance(value, kind) and (kind is bool or not isinstance(value, bool)) for value in values):
            return word(name)
    return word("mixed")


def answer(task):
    try:
        return {"files": READERS[task["reader"]](task["kind"], task["files"], task.get("rowsKey"))}
    except Exception:
        return {"error": "".join(traceback.format_exc(limit=2))[-2000:]}


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as question:
        tasks = json.load(question)
    with open(sys.argv[2], "w", encoding="utf-8") as out:
        json.dump([answer(task) for task in tasks], out)
