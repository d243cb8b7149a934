import { useMemo, useState } from 'react';

interface Product {
  readonly id: string;
  readonly name: string;
  readonly priceCents: number;
}

interface CartLine {
  readonly product: Product;
  readonly quantity: number;
}

interface CartProps {
  readonly products: readonly Product[];
  readonly onCheckout: (lines: readonly CartLine[]) => Promise<void>;
}

const formatPrice = (cents: number): string => `${(cents / 100).toFixed(2)} €`;

export function Cart({ products, onCheckout }: CartProps) {
  const [quantities, setQuantities] = useState<Readonly<Record<string, number>>>({});
  const [isSending, setIsSending] = useState(false);
  const [error, setError] = useState<string | null>(null);

  const lines = useMemo(
    () =>
      products
        .map((product) => ({ product, quantity: quantities[product.id] ?? 0 }))
        .filter((line) => line.quantity > 0),
    [products, quantities],
  );
  const totalCents = lines.reduce((sum, line) => sum + line.quantity * line.product.priceCents, 0);

  const change = (id: string, by: number) => {
    setQuantities((current) => ({ ...current, [id]: Math.max(0, (current[id] ?? 0) + by) }));
  };

  const checkout = async () => {
    setIsSending(true);
    setError(null);
    try {
      await onCheckout(lines);
      setQuantities({});
    } catch (thrown) {
      setError(thrown instanceof Error ? thrown.message : String(thrown));
    } finally {
      setIsSending(false);
    }
  };

  return (
    <section className="cart">
      <ul>
        {products.map((product) => (
          <li key={product.id}>
            <span>{product.name}</span>
            <span>{formatPrice(product.priceCents)}</span>
            <button onClick={() => change(product.id, -1)}>−</button>
            <output>{quantities[product.id] ?? 0}</output>
            <button onClick={() => change(product.id, 1)}>+</button>
          </li>
        ))}
      </ul>
      {error !== null && <p role="alert">{error}</p>}
      <button disabled={isSending || lines.length === 0} onClick={() => void checkout()}>
        Pay {formatPrice(totalCents)}
      </button>
    </section>
  );
}
