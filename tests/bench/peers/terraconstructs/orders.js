/*
 * The feature "orders" of dev on TerraConstructs, in JavaScript because the library has no Python API.
 *
 * npm has 0.0.15, which lacks a table, a topic and an alarm's action to a topic; the repository has them by now. The
 * program uses cdktf's resources for them, and also for the bucket's public access and ownership, the dead-letter
 * queue's redrive-allow and the queues' names, of which the library takes a prefix.
 *
 * Its grants of queue and bucket allow more than the feature needs, as AWS CDK's do. The function has to exist at every
 * plan, because the library reads it.
 */
const { App, Fn } = require("cdktf");
const {
  dynamodbTable,
  s3BucketOwnershipControls,
  s3BucketPublicAccessBlock,
  snsTopic,
  snsTopicPolicy,
  snsTopicSubscription,
  sqsQueueRedriveAllowPolicy,
} = require("@cdktf/provider-aws");
const { aws } = require("terraconstructs");

const name = (type) => `careervp-orders-${type}-dev`;

const denyInsecureTransport = (action, resource) =>
  new aws.iam.PolicyStatement({
    effect: aws.iam.Effect.DENY,
    actions: [action],
    resources: [resource],
    principals: [new aws.iam.AnyPrincipal()],
    condition: [{ test: "Bool", variable: "aws:SecureTransport", values: ["false"] }],
  });

class OrdersStack extends aws.AwsStack {
  constructor(scope, id) {
    super(scope, id, {
      gridUUID: "orders-dev",
      environmentName: "dev",
      providerConfig: { region: "us-east-1" },
    });
    const dlq = new aws.notify.Queue(this, "Dlq", {
      messageRetentionSeconds: 14 * 24 * 60 * 60,
      sqsManagedSseEnabled: true,
    });
    const queue = new aws.notify.Queue(this, "Queue", {
      visibilityTimeoutSeconds: 180,
      receiveWaitTimeSeconds: 20,
      sqsManagedSseEnabled: true,
      deadLetterQueue: { queue: dlq, maxReceiveCount: 3 },
    });
    new sqsQueueRedriveAllowPolicy.SqsQueueRedriveAllowPolicy(this, "RedriveAllow", {
      queueUrl: dlq.queueUrl,
      redriveAllowPolicy: Fn.jsonencode({ redrivePermission: "byQueue", sourceQueueArns: [queue.queueArn] }),
    });
    for (const [type, each] of Object.entries({ dlq, queue })) {
      each.resource.resetNamePrefix();
      each.resource.name = name(type);
      each.addToResourcePolicy(denyInsecureTransport("sqs:*", each.queueArn));
    }
    const table = new dynamodbTable.DynamodbTable(this, "Table", {
      name: name("table"),
      billingMode: "PAY_PER_REQUEST",
      hashKey: "order_id",
      rangeKey: "line",
      attribute: [
        { name: "order_id", type: "S" },
        { name: "line", type: "N" },
        { name: "customer_id", type: "S" },
        { name: "created_at", type: "N" },
      ],
      globalSecondaryIndex: [
        {
          name: "customer-index",
          hashKey: "customer_id",
          rangeKey: "created_at",
          projectionType: "INCLUDE",
          nonKeyAttributes: ["status", "total"],
          onDemandThroughput: { maxReadRequestUnits: 100 },
        },
      ],
      localSecondaryIndex: [{ name: "time-index", rangeKey: "created_at", projectionType: "KEYS_ONLY" }],
      onDemandThroughput: { maxWriteRequestUnits: 1000 },
      ttl: { attributeName: "ttl", enabled: true },
      streamEnabled: true,
      streamViewType: "NEW_IMAGE",
      pointInTimeRecovery: { enabled: true, recoveryPeriodInDays: 7 },
      deletionProtectionEnabled: true,
    });
    const bucket = new aws.storage.Bucket(this, "Archive", {
      bucketName: "careervp-dev-orders-archive-us-east-1-0a1b2c",
      encryption: aws.storage.BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      lifecycleRules: [
        { id: "AbortUploads", filter: [{}], abortIncompleteMultipartUpload: [{ daysAfterInitiation: 1 }] },
        { id: "ExpireExports", filter: [{ prefix: "exports/" }], expiration: [{ days: 7 }] },
        {
          id: "KeepRawForAYear",
          filter: [{ prefix: "raw/" }],
          transition: [{ days: 30, storageClass: aws.storage.StorageClass.GLACIER_INSTANT_RETRIEVAL }],
          expiration: [{ days: 365 }],
        },
      ],
      corsConfig: { corsRule: [{ allowedMethods: ["GET"], allowedOrigins: ["https://app.example.com"] }] },
    });
    new s3BucketPublicAccessBlock.S3BucketPublicAccessBlock(this, "PublicAccess", {
      bucket: bucket.bucketName,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    new s3BucketOwnershipControls.S3BucketOwnershipControls(this, "Ownership", {
      bucket: bucket.bucketName,
      rule: { objectOwnership: "BucketOwnerEnforced" },
    });
    const worker = aws.compute.LambdaFunction.fromFunctionName(this, "Worker", name("worker-lambda"));
    worker.addEventSource(
      new aws.compute.sources.SqsEventSource(queue, {
        batchSize: 1,
        maxConcurrency: 5,
        reportBatchItemFailures: true,
      }),
    );
    new aws.cloudwatch.LogGroup(this, "WorkerLogs", {
      logGroupName: `/aws/lambda/${name("worker-lambda")}`,
      retention: aws.RetentionDays.ONE_MONTH,
    });
    const allowed = (resources, ...actions) => new aws.iam.PolicyStatement({ actions, resources });
    const customers = `${table.arn}/index/customer-index`;
    const submit = new aws.iam.ManagedPolicy(this, "Submit", {
      managedPolicyName: name("submit-policy"),
      statements: [
        allowed([table.arn], "dynamodb:PutItem", "dynamodb:UpdateItem"),
        allowed([customers], "dynamodb:Query"),
      ],
    });
    queue.grantSendMessages(submit);
    const work = new aws.iam.ManagedPolicy(this, "Work", {
      managedPolicyName: name("worker-policy"),
      statements: [allowed([table.arn], "dynamodb:GetItem", "dynamodb:UpdateItem")],
    });
    queue.grantConsumeMessages(work);
    bucket.grantPut(work, "exports/*");
    const status = new aws.iam.ManagedPolicy(this, "Status", {
      managedPolicyName: name("status-policy"),
      statements: [allowed([table.arn], "dynamodb:GetItem"), allowed([customers], "dynamodb:Query")],
    });
    bucket.grantRead(status, "exports/*");

    const alarms = new aws.iam.ServicePrincipal("cloudwatch.amazonaws.com", {
      conditions: [{ test: "StringEquals", variable: "aws:SourceAccount", values: [this.account] }],
    });
    const key = new aws.encryption.Key(this, "AlarmKey", { alias: name("alarm-key"), enableKeyRotation: true });
    key.grant(alarms, "kms:Decrypt", "kms:GenerateDataKey*");
    const topic = new snsTopic.SnsTopic(this, "AlarmTopic", {
      name: name("alarm-topic"),
      kmsMasterKeyId: key.keyArn,
    });
    const topicPolicy = new aws.iam.PolicyDocument(this, "AlarmTopicDocument");
    topicPolicy.addStatements(
      new aws.iam.PolicyStatement({ actions: ["sns:Publish"], resources: [topic.arn], principals: [alarms] }),
      denyInsecureTransport("sns:Publish", topic.arn),
    );
    new snsTopicPolicy.SnsTopicPolicy(this, "AlarmTopicPolicy", { arn: topic.arn, policy: topicPolicy.json });
    new snsTopicSubscription.SnsTopicSubscription(this, "Email", {
      topicArn: topic.arn,
      protocol: "email",
      endpoint: "operations@example.com",
    });

    const metric = (namespace, metricName, dimensionsMap, statistic) =>
      new aws.cloudwatch.Metric({ namespace, metricName, dimensionsMap, statistic });
    const queueMetric = (queue, name) => metric("AWS/SQS", name, { QueueName: queue.queueName }, "Maximum");
    const depth = queueMetric(queue, "ApproximateNumberOfMessagesVisible");
    const age = queueMetric(queue, "ApproximateAgeOfOldestMessage");
    const dead = queueMetric(dlq, "ApproximateNumberOfMessagesVisible");
    const errors = new aws.cloudwatch.MathExpression({
      expression: "100 * errors / invocations",
      usingMetrics: { errors: worker.metricErrors(), invocations: worker.metricInvocations() },
      label: "Failed invocations (%)",
    });
    const throttles = worker.metricThrottles();
    const duration = worker.metricDuration({ statistic: "p99" });
    const events = (name) => metric("AWS/DynamoDB", name, { TableName: table.name }, "Sum");
    const tableThrottles = new aws.cloudwatch.MathExpression({
      expression: "FILL(read, 0) + FILL(write, 0)",
      usingMetrics: { read: events("ReadThrottleEvents"), write: events("WriteThrottleEvents") },
      label: "Throttled reads and writes",
    });
    const above = aws.cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD;
    const atLeast = aws.cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD;
    const raised = [
      ["dlq", dead, atLeast, 1],
      ["depth", depth, above, 100],
      ["age", age, above, 900],
      ["worker-errors", errors, above, 5],
      ["worker-throttles", throttles, atLeast, 1],
      ["worker-duration", duration, above, 24_000],
      ["table-throttles", tableThrottles, atLeast, 1],
    ].map(
      ([type, metric, comparisonOperator, threshold]) =>
        new aws.cloudwatch.Alarm(this, `Alarm-${type}`, {
          alarmName: name(`${type}-alarm`),
          metric,
          threshold,
          comparisonOperator,
          evaluationPeriods: 1,
          treatMissingData: aws.cloudwatch.TreatMissingData.NOT_BREACHING,
        }),
    );
    const unhealthy = new aws.cloudwatch.CompositeAlarm(this, "Unhealthy", {
      compositeAlarmName: name("unhealthy-alarm"),
      alarmRule: aws.cloudwatch.AlarmRule.anyOf(...raised),
    });
    const notified = { bind: () => ({ alarmActionArn: topic.arn }) };
    for (const alarm of [...raised, unhealthy]) {
      alarm.addAlarmAction(notified);
      alarm.addOkAction(notified);
    }
    new aws.cloudwatch.Dashboard(this, "Dashboard", {
      dashboardName: name("dashboard"),
      widgets: [[depth, age, dead], [errors, duration, throttles], [tableThrottles]].map((row) =>
        row.map((metric) => new aws.cloudwatch.GraphWidget(this, { left: [metric] })),
      ),
    });
  }
}

const app = new App();
new OrdersStack(app, "orders-dev");
app.synth();
