import type { RequestHandlers } from '../requestHandler.ts';
import { ask, steer } from './ask.ts';
import { complete } from './complete.ts';
import { judge } from './difficulty.ts';
import { doctor } from './doctor.ts';
import { editHandler } from './editHandler.ts';
import { getHealth } from './getHealth.ts';
import { clearMemory, readMemory } from './memory.ts';
import { chooseModel, describeServerModels, fetchModel, listModels, removeModel } from './models.ts';
import { ping } from './ping.ts';
import { resetSpending, showSpending } from './spendingHandlers.ts';
import { exportTrace, listTraces, readTrace } from './traces.ts';

/** Who answers what. The type makes a request without a handler a compile error. */
export const requestHandlers: RequestHandlers = {
  'entropane/ask': ask,
  'entropane/difficulty': judge,
  'entropane/edit': editHandler,
  'entropane/steer': steer,
  'entropane/complete': complete,
  'entropane/ping': ping,
  'entropane/health/get': getHealth,
  'entropane/doctor': doctor,
  'entropane/spending/show': showSpending,
  'entropane/spending/reset': resetSpending,
  'entropane/models/list': listModels,
  'entropane/models/fetch': fetchModel,
  'entropane/models/choose': chooseModel,
  'entropane/models/remove': removeModel,
  'entropane/servers/look': describeServerModels,
  'entropane/memory/read': readMemory,
  'entropane/memory/clear': clearMemory,
  'entropane/traces/list': listTraces,
  'entropane/traces/read': readTrace,
  'entropane/traces/export': exportTrace,
};
