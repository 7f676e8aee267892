import { describe, expect, it } from 'vitest'
import { ipamdCounts } from '../../../src/engine/facts/ipamd-counts.ts'

/** As aws-node v1.21 serves it, shortened. */
const TEXT = `# HELP awscni_assigned_ip_addresses The number of IP addresses assigned to pods
# TYPE awscni_assigned_ip_addresses gauge
awscni_assigned_ip_addresses 7
# TYPE awscni_aws_api_error_count counter
awscni_aws_api_error_count{api="CreateNetworkInterface",error="RequestLimitExceeded"} 3
awscni_aws_api_error_count{error="UnauthorizedOperation",api="CreateTags"} 1
awscni_ec2api_error_count{fn="CreateNetworkInterface"} 5
awscni_ec2api_error_count{fn="CreateTags"} 1
awscni_ipamd_error_count{fn="increaseIPPoolAllocENI"} 5
awscni_pod_eni_error_count{fn="tryEnableSecurityGroupsForPods"} 2
awscni_ec2api_req_count{fn="AttachNetworkInterface"} 2
awscni_ec2api_req_count{fn="CreateNetworkInterface"} 5
awscni_force_removed_enis 0
awscni_no_available_ip_addresses 1.2e+01
awscni_total_ip_addresses 18
go_goroutines 43
`

describe('what ipamd counts', () => {
  it('is read from the text of its metrics, labels in any order', () => {
    expect(ipamdCounts(TEXT)).toEqual({
      total: 18,
      assigned: 7,
      unanswered: 12,
      droppedInterfaces: 0,
      requests: 7,
      refusals: { 'CreateNetworkInterface RequestLimitExceeded': 3, 'CreateTags UnauthorizedOperation': 1 },
      failedCalls: { CreateNetworkInterface: 5, CreateTags: 1 },
      failures: { increaseIPPoolAllocENI: 5, tryEnableSecurityGroupsForPods: 2 },
    })
  })

  it('leaves out what this version does not count', () => {
    expect(ipamdCounts('awscni_total_ip_addresses 18\n')).toEqual({ total: 18, refusals: {} })
  })

  it.each(['', '<html>Please sign in</html>', 'go_goroutines 43\n', 'awscni_total_ip_addresses NaN\n'])('is nothing in %j', (text) => {
    expect(ipamdCounts(text)).toBeUndefined()
  })
})
