// What an author of builders needs of the contracts: `svc/builder-kit` is all they import.

export type {
  Failure,
  FailureCode,
  FunctionConfig,
  FunctionOutputConfig,
  Json,
  JsonObject,
  Notice,
  Position,
  Result,
  Route,
  ServiceConfig,
  ServiceOutputConfig,
  ServicePlan,
  ToolReport,
  ViewEntry,
  WorkingView,
} from '@svc/contracts';
export { FAILURE_CODES, failed, ok } from '@svc/contracts';
