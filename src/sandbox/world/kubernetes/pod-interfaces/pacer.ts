import { type Instant, type Millis, SECOND } from '../../../../model/instant.ts'

/** Limits of the controller's own EC2 client. Source: main.go of amazon-vpc-resource-controller-k8s. */
const REQUESTS_PER_SECOND = 12
const BURST = 18

/** How long calls have to wait for their turn: the controller holds itself back before EC2 does. */
export function createPacer(now: () => Instant): (calls: number) => Millis {
  let tokens = BURST
  let at = now()
  return (calls) => {
    tokens = Math.min(BURST, tokens + ((now() - at) / SECOND) * REQUESTS_PER_SECOND)
    at = now()
    tokens -= calls
    return tokens >= 0 ? 0 : Math.ceil((-tokens / REQUESTS_PER_SECOND) * SECOND)
  }
}
