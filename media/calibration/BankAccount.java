package example.bank;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

public class BankAccount {
    public enum Kind { DEPOSIT, WITHDRAWAL, FEE }

    public record Entry(Kind kind, BigDecimal amount, Instant time) {
        public Entry {
            Objects.requireNonNull(kind);
            if (amount.signum() <= 0) {
                throw new IllegalArgumentException("amount must be positive");
            }
        }
    }

    private final String owner;
    private final List<Entry> entries = new ArrayList<>();
    private BigDecimal balance = BigDecimal.ZERO;

    public BankAccount(String owner) {
        this.owner = Objects.requireNonNull(owner, "owner");
    }

    public synchronized void deposit(BigDecimal amount) {
        entries.add(new Entry(Kind.DEPOSIT, amount, Instant.now()));
        balance = balance.add(amount);
    }

    public synchronized void withdraw(BigDecimal amount) throws InsufficientFundsException {
        if (balance.compareTo(amount) < 0) {
            throw new InsufficientFundsException(owner, balance, amount);
        }
        entries.add(new Entry(Kind.WITHDRAWAL, amount, Instant.now()));
        balance = balance.subtract(amount);
    }

    public synchronized BigDecimal getBalance() {
        return balance;
    }

    public List<Entry> getEntries() {
        return Collections.unmodifiableList(entries);
    }

    public BigDecimal totalOf(Kind kind) {
        return entries.stream()
                .filter(entry -> entry.kind() == kind)
                .map(Entry::amount)
                .reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    @Override
    public String toString() {
        return String.format("%s: %s (%d entries)", owner, balance, entries.size());
    }
}
