export function npmRemedy(output: string): string;
