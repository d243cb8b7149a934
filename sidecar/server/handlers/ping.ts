import type { RequestHandler } from '../requestHandler.ts';

export const ping: RequestHandler<'entropane/ping'> = () => Promise.resolve(null);
