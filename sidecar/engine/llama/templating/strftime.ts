const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;

/** A date as Python's `strftime` writes it in English, which is what chat templates were made for. Local time. */
export function strftime(date: Date, format: string): string {
  const month = months[date.getMonth()] ?? '';
  const parts: Readonly<Record<string, string>> = {
    '%Y': String(date.getFullYear()),
    '%m': twoDigits(date.getMonth() + 1),
    '%d': twoDigits(date.getDate()),
    '%b': month.slice(0, 3),
    '%B': month,
    '%H': twoDigits(date.getHours()),
    '%M': twoDigits(date.getMinutes()),
    '%S': twoDigits(date.getSeconds()),
    '%%': '%',
  };
  return format.replace(/%[A-Za-z%]/g, (token) => parts[token] ?? token);
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
