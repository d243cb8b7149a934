"""Totals of a small shop."""

from dataclasses import dataclass


@dataclass
class Order:
    item: str
    quantity: int
    unit_price: float


def total(orders: list[Order]) -> float:
    """Sum of quantity times price over all orders."""
    result = 0.0
    for order in orders:
        result += order.quantity * order.unit_price
    return result


def most_expensive(orders: list[Order]) -> Order:
    """The order with the highest quantity times price."""
    
