CREATE TABLE author (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    born_on DATE
);

CREATE TABLE book (
    id INTEGER PRIMARY KEY,
    title TEXT NOT NULL,
    author_id INTEGER NOT NULL REFERENCES author (id),
    published INTEGER CHECK (published > 1400),
    copies INTEGER NOT NULL DEFAULT 1
);

CREATE TABLE loan (
    id INTEGER PRIMARY KEY,
    book_id INTEGER NOT NULL REFERENCES book (id) ON DELETE CASCADE,
    reader TEXT NOT NULL,
    lent_on DATE NOT NULL,
    returned_on DATE
);

CREATE INDEX loan_by_reader ON loan (reader, lent_on);

-- Books of which no copy is in the house.
SELECT book.title, author.name, COUNT(*) AS lent
FROM book
JOIN author ON author.id = book.author_id
JOIN loan ON loan.book_id = book.id
WHERE loan.returned_on IS NULL
GROUP BY book.id
HAVING COUNT(*) >= book.copies
ORDER BY lent DESC, book.title;

-- Readers with something overdue for more than four weeks.
SELECT reader, MIN(lent_on) AS oldest, COUNT(*) AS overdue
FROM loan
WHERE returned_on IS NULL
  AND lent_on < DATE('now', '-28 days')
GROUP BY reader;

UPDATE loan SET returned_on = DATE('now') WHERE id = 17 AND returned_on IS NULL;
