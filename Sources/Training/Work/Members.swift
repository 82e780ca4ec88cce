import Fabric
import Quantities

/// The GPUs of each pipeline rank that a step simulates one by one.
///
/// GPUs of a rank run the same list. Where they also have the same load and links, one of them
/// stands for all: the step is folded, and what a GPU receives from the others is what it sends.
/// Where routing is uneven or something in the cluster is slow, every GPU is simulated.
struct Members: Equatable {
  /// Whether every GPU is simulated, on the links of the whole cluster.
  let isEveryGPU: Bool
  /// GPUs of a rank that are simulated.
  let count: Int

  /// One GPU that stands for all of its rank.
  static let folded = Members(isEveryGPU: false, count: 1)

  /// The members of a group that are simulated: all, or the one that stands for them.
  func simulated(_ group: MemberGroup) -> MemberGroup { isEveryGPU ? group : .alone }
}

/// GPUs of a pipeline rank that exchange with each other: how many, and how far one is from the
/// next.
///
///     MemberGroup(count: 2, stride: 4)      // 0 and 4, 1 and 5, 2 and 6, 3 and 7, 8 and 12, ...
struct MemberGroup: Equatable {
  /// Members of the group.
  var count: Int
  /// GPUs from one member to the next.
  var stride = 1

  /// A GPU by itself.
  static let alone = MemberGroup(count: 1)

  /// GPUs over which as many groups spread as the stride.
  var span: Int { count * stride }

  /// The group a member is in; groups count from 0.
  func index(of member: Int) -> Int { member / span * stride + member % stride }

  /// The members of a group.
  func members(ofGroup index: Int) -> StrideTo<Int> {
    let first = index / stride * span + index % stride
    return Swift.stride(from: first, to: first + span, by: stride)
  }

  /// Of all such groups of `gpus` GPUs, one that is spread over the most nodes.
  func widest(among gpus: Int, gpusPerNode: Int) -> Group {
    var worst = Group(count: count, stride: stride, gpusPerNode: gpusPerNode)
    // The pattern of groups over nodes repeats after as many spans as a node has GPUs.
    for block in 0..<min(gpus / max(span, 1), gpusPerNode) {
      for offset in 0..<min(stride, gpusPerNode) {
        let other = Group(
          starts: [block * span + offset], count: count, stride: stride, gpusPerNode: gpusPerNode)
        if other.nodes > worst.nodes { worst = other }
      }
    }
    return worst
  }
}

/// Which GPUs of a rank share what. Tensor-parallel GPUs are neighbours, then come those that share
/// sequences, then the replicas; of the same GPUs neighbours share an expert's matrices, then come
/// those that share a layer's experts.
extension Plan {
  /// GPUs that share each layer's matrices.
  var tensorGroup: MemberGroup { MemberGroup(count: tensor) }
  /// GPUs that share each sequence.
  var contextGroup: MemberGroup { MemberGroup(count: context, stride: tensor) }
  /// GPUs that share each expert's matrices.
  var expertTensorGroup: MemberGroup { MemberGroup(count: expertTensor) }
  /// GPUs that share each layer's experts, one of those that share an expert's matrices.
  var expertGroup: MemberGroup { MemberGroup(count: expert, stride: expertTensor) }
  /// GPUs that hold the same part of what tensor parallelism cuts.
  var shardedReplicas: MemberGroup { MemberGroup(count: context * data, stride: tensor) }
  /// GPUs that hold the same of what it does not cut. Without sequence parallelism every tensor
  /// rank works out the same gradients of it, so they are summed only over the others.
  var wholeReplicas: MemberGroup {
    sequenceParallel ? MemberGroup(count: gpusPerRank) : shardedReplicas
  }
  /// GPUs that hold the same part of the same experts.
  var expertReplicas: MemberGroup {
    let span = expert * expertTensor
    return MemberGroup(count: gpusPerRank / span, stride: span)
  }
}
