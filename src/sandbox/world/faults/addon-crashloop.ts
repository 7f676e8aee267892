import { defineFault } from './fault.ts'
import { NODE_KEYS } from './selectors.ts'

export const addonCrashloop = defineFault({
  name: 'addon-crashloop',
  title: 'the entrypoint of aws-node cannot run ipamd, and ends',
  source: 'an image of another architecture; cmd/aws-vpc-cni/main.go of https://github.com/aws/amazon-vpc-cni-k8s',
  where: NODE_KEYS,
  levers: { 'aws-node/start': () => ({ step: 'exec', fate: { exit: 1 } }) },
})
