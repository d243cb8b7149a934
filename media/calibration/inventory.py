"""Keeps count of parts in a warehouse, and of what was promised to whom."""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Iterable, Iterator


class OutOfStock(Exception):
    """Raised when more is asked for than is left."""

    def __init__(self, part: str, wanted: int, left: int) -> None:
        super().__init__(f"{wanted} of {part} wanted, {left} left")
        self.part = part
        self.wanted = wanted
        self.left = left


@dataclass(frozen=True)
class Movement:
    part: str
    quantity: int
    reason: str = "delivery"

    @property
    def is_incoming(self) -> bool:
        return self.quantity > 0


@dataclass
class Inventory:
    stock: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    reserved: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    history: list[Movement] = field(default_factory=list)

    def available(self, part: str) -> int:
        """Pieces that nobody has been promised yet."""
        return self.stock[part] - self.reserved[part]

    def receive(self, part: str, quantity: int) -> None:
        if quantity <= 0:
            raise ValueError("quantity must be positive")
        self.stock[part] += quantity
        self.history.append(Movement(part, quantity))

    def reserve(self, part: str, quantity: int) -> None:
        left = self.available(part)
        if quantity > left:
            raise OutOfStock(part, quantity, left)
        self.reserved[part] += quantity

    def ship(self, part: str, quantity: int) -> None:
        if quantity > self.reserved[part]:
            self.reserve(part, quantity - self.reserved[part])
        self.reserved[part] -= quantity
        self.stock[part] -= quantity
        self.history.append(Movement(part, -quantity, "shipment"))

    def low_parts(self, threshold: int = 5) -> list[str]:
        return sorted(part for part, count in self.stock.items() if count < threshold)

    def __iter__(self) -> Iterator[tuple[str, int]]:
        yield from sorted(self.stock.items())


def read_movements(path: Path) -> Iterable[Movement]:
    with path.open(newline="", encoding="utf-8") as handle:
        for row in csv.DictReader(handle):
            yield Movement(row["part"].strip(), int(row["quantity"]), row.get("reason", ""))


def replay(movements: Iterable[Movement]) -> Inventory:
    inventory = Inventory()
    for movement in movements:
        if movement.is_incoming:
            inventory.receive(movement.part, movement.quantity)
        else:
            inventory.ship(movement.part, -movement.quantity)
    return inventory


def main() -> None:
    inventory = replay(read_movements(Path("movements.csv")))
    for part, count in inventory:
        print(f"{part:<20} {count:>6} {inventory.available(part):>6}")
    for part in inventory.low_parts():
        print(f"order more of {part}")


if __name__ == "__main__":
    main()
