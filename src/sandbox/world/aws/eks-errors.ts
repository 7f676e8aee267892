import { WireError } from '../../contract.ts'

/** Errors of the EKS API. Most carry the names of what they are about. */
export interface About {
  readonly clusterName?: string
  readonly nodegroupName?: string
  readonly addonName?: string
}

export function notFound(message: string, about: About = {}): WireError {
  return new WireError(404, 'ResourceNotFoundException', message, { ...about })
}

export function inUse(message: string, about: About = {}): WireError {
  return new WireError(409, 'ResourceInUseException', message, { ...about })
}

export function invalidParameter(message: string, about: About = {}): WireError {
  return new WireError(400, 'InvalidParameterException', message, { ...about })
}

/** What was asked does not fit the state of what it is asked of. */
export function invalidRequest(message: string, about: About = {}): WireError {
  return new WireError(400, 'InvalidRequestException', message, { ...about })
}

/** Insights stand in the way. */
export function invalidState(message: string, about: About = {}): WireError {
  return new WireError(400, 'InvalidStateException', message, { ...about })
}
