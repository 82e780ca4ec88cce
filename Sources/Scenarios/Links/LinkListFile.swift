public import Hardware

/// A network written out link by link in a file of comma-separated values.
///
///     try loadLinkList(path: "ring.csv", gpus: 8).links.count     // 16
///
/// - Parameters:
///   - path: the file; its columns are from, to, rate, latency and, where wanted, count and
///     directions.
///   - gpus: GPUs of the cluster, which the file calls gpu0, gpu1 and so on.
/// - Throws: `ScenarioError` with the problems of the file, up to 20.
public func loadLinkList(path: String, gpus: Int) throws(ScenarioError) -> LinkList {
  let most = 256_000_000
  var reader = LinkListReader(file: path, gpus: gpus)
  let list = reader.read([UInt8](try Document.bytes(of: path, most: most)))
  reader.check(list)
  guard reader.problems.isEmpty else { throw reader.error }
  return list
}
