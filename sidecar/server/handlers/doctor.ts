import type { RequestHandler } from '../requestHandler.ts';

export const doctor: RequestHandler<'entropane/doctor'> = (_params, { application }) => application.examine();
