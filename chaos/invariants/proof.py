"""The smallest set of ops, ledger entries and books that proves a violation, as a report can draw it.

Every entry says when (`at_s`, seconds since the run's origin; null for what was read after the run), who says
so, what, and of which kind it is. Ops come in the order of their answers, then ledger entries in the ledger's
own order, then the books.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl

from chaos.invariants.books import Books
from rehearsal.model.clock import seconds
from rehearsal.model.history import Kind

Entry = dict[str, Any]
Proof = list[Entry]

#: A proof that is longer proves nothing to anybody.
MOST = 12

OP, STOCK, LEDGER, BOOKS = "op", "stock", "ledger", "books"
_RANK = {kind: rank for rank, kind in enumerate((OP, STOCK, LEDGER, BOOKS))}

_OP = (
    "f",
    "shopper",
    "done_ns",
    "intent",
    "outcome",
    "error",
    "order_id",
    "payment_id",
    "channel",
    "sku",
    "qty",
    "amount_cents",
    "note",
)


def proof_of(*parts: Iterable[Entry]) -> Proof:
    """Return the entries of all parts in time order; beyond `MOST`, those of the last parts are left out."""
    entries = [entry for part in parts for entry in part][:MOST]
    return sorted(entries, key=lambda entry: (_RANK[entry["kind"]] > 1, entry["at_s"] or 0.0, _rank(entry)))


def ops(books: Books, which: pl.Expr, most: int = MOST) -> Proof:
    """Return the first ops of the history that an expression over its columns picks."""
    rows = books.ops().filter(which).select(_OP).sort("done_ns", maintain_order=True).head(most).collect()
    return [
        {
            "at_s": seconds(row["done_ns"]),
            "who": row["shopper"] or "a shopper",
            "what": _told(row),
            "kind": OP,
        }
        for row in rows.iter_rows(named=True)
    ]


def stock_seen(books: Books, which: pl.Expr, most: int = MOST) -> Proof:
    """Return readings of the stock during the run."""
    seen = books.history.filter((pl.col("kind") == Kind.STOCK) & which).select("f", "sent_ns", "qty")
    rows = seen.sort("sent_ns").head(most).collect()
    return [
        {
            "at_s": seconds(at_ns),
            "who": "the shop's stock",
            "what": f"{qty} of {sku} available",
            "kind": STOCK,
        }
        for sku, at_ns, qty in rows.iter_rows()
    ]


def ledger(books: Books, order_ids: Sequence[str], kinds: Sequence[str] = ()) -> Proof:
    """Return the provider's entries on some orders, of some kinds (of all if none is named)."""
    charges = books.charges
    if charges is None:
        return []
    mine = charges.filter(pl.col("order_id").is_in(list(order_ids)))
    rows = mine.filter(pl.col("kind").is_in(list(kinds))) if kinds else mine
    words = "{kind} of {amount_cents} cents for order {order_id}, payment {payment_id}"
    return [_read("the provider's ledger", words.format_map(row), LEDGER) for row in rows.to_dicts()]


def kept(books: Books, order_ids: Sequence[str]) -> Proof:
    """Return what the shop's orders say of some in the end."""
    if books.orders is None:
        return []
    mine = books.orders.filter(pl.col("order_id").is_in(list(order_ids)))
    known = {row["order_id"]: row for row in mine.to_dicts()}
    return [_read("the shop's orders", _kept(name, known.get(name)), BOOKS) for name in order_ids]


def changes(books: Books, order_ids: Sequence[str]) -> Proof:
    """Return the changes of some orders' status, in the order in which they were written."""
    if books.transitions is None:
        return []
    mine = books.transitions.filter(pl.col("order_id").is_in(list(order_ids)))
    rows = mine.sort("seq", maintain_order=True).select("order_id", "status").rows()
    return [_read("the shop's records", f"order {name} became {status}", BOOKS) for name, status in rows]


def counted(who: str, what: str) -> Proof:
    """Return one entry for a count or a sum in somebody's books."""
    return [_read(who, what, BOOKS)]


def _seen(at_ns: int, who: str, what: str, kind: str) -> Entry:
    return {"at_s": seconds(at_ns), "who": who, "what": what, "kind": kind}


def _read(who: str, what: str, kind: str) -> Entry:
    return {"at_s": None, "who": who, "what": what, "kind": kind}


def _rank(entry: Entry) -> int:
    return _RANK[entry["kind"]]


def _kept(order_id: str, row: dict[str, Any] | None) -> str:
    if row is None:
        return f"order {order_id} is not among them"
    words = "order {order_id} of {shopper} is {status}, {total_cents} cents"
    return words.format_map(row) + (f", by {row['channel']}" if row["channel"] else "")


def _told(row: dict[str, Any]) -> str:
    """Put an op into words: what was asked, how it ended, and what the answer named."""
    asked = f"{row['f']} {row['qty']} × {row['sku']}" if row["sku"] and row["qty"] else row["f"]
    ended = row["outcome"] + (f" ({row['error']})" if row["error"] else "")
    named = [
        words
        for words, there in (
            (f"order {row['order_id']}", row["order_id"]),
            (f"payment {row['payment_id']}", row["payment_id"]),
            (f"by {row['channel']}", row["channel"]),
            (f"{row['amount_cents']} cents", row["amount_cents"]),
            (f"intent {row['intent']}", row["intent"]),
            (row["note"], row["note"]),
        )
        if there
    ]
    return f"{asked}: {', '.join([ended, *named])}"
