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
