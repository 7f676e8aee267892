import type { Cases } from './case.ts'

export const STS_CASES: Cases = { GetCallerIdentity: () => ({}) }

export const SSM_CASES: Cases = {
  GetParameter: () => ({ Name: '/aws/service/eks/optimized-ami/1.33/amazon-linux-2023/arm64/standard/recommended/release_version' }),
  GetParameters: () => ({ Names: ['/aws/service/bottlerocket/aws-k8s-1.33/x86_64/latest/image_version', '/nothing'] }),
}

export const ALARM_CASES: Cases = {
  DescribeAlarms: () => ({ AlarmNamePrefix: 'shop', AlarmTypes: ['MetricAlarm', 'CompositeAlarm', 'LogAlarm'], MaxRecords: 1 }),
}

export const QUOTA_CASES: Cases = {
  GetServiceQuota: () => ({ ServiceCode: 'ec2', QuotaCode: 'L-1216C47A' }),
}
