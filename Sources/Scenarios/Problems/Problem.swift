public import Fabric
public import Models
public import Quantities
public import ScheduleSearch
public import Schedules
public import Training

/// Why a scenario cannot be used: every problem found, in the order of the file. Its
/// `description` is one sentence a line.
public struct ScenarioError: Error, Sendable, Equatable {
  /// The problems; never empty.
  public var problems: [Problem]

  /// An error of the given problems, put into the order of the file.
  public init(problems: [Problem]) {
    self.problems = problems.enumerated().sorted {
      $0.element.place.order == $1.element.place.order
        ? $0.offset < $1.offset : $0.element.place.order < $1.element.place.order
    }.map(\.element)
  }

  /// An error of one problem.
  init(_ fault: Fault, at place: Place) {
    problems = [Problem(place: place, fault: fault)]
  }
}

/// One thing that is wrong, and where.
public struct Problem: Sendable, Equatable {
  /// Where the value stands.
  public var place: Place
  /// What is wrong with it.
  public var fault: Fault
  /// The values of a sweep at which it is wrong, where it is not at all of them.
  public var point: String? = nil
}

/// What can be wrong with a scenario or a model file. Keys are dotted paths, values are as the
/// user wrote them.
public enum Fault: Sendable, Equatable {
  // The file.
  /// There is no such file.
  case noSuchFile
  /// A folder stands where a file is needed.
  case isFolder
  /// The file exists but cannot be read.
  case unreadable
  /// More bytes than are read; nil where they were not counted.
  case tooLarge(bytes: Int?, most: Int)
  /// The bytes are no UTF-8.
  case notUTF8
  /// Nothing but blanks and comments.
  case empty
  /// The text is no YAML, in the parser's words.
  case malformed(reason: String)
  /// Lists and tables inside each other, more of them than are read.
  case tooDeep
  /// A second document starts here.
  case severalDocuments
  /// The file holds a list or a word.
  case notATable(value: String)
  /// More aliases than are read.
  case tooManyAliases(count: Int, most: Int)
  /// More values than are read, counting those aliases repeat.
  case tooManyValues(most: Int)
  /// A key stands twice in a table; the line of the first.
  case duplicateKey(key: String, firstLine: Int?)
  /// A list or a table stands where a key is needed.
  case keyNotText

  // `--set`.
  /// Not `key.path=value`.
  case overrideSyntax
  /// The value is no YAML, in the parser's words.
  case overrideMalformed(reason: String)
  /// More parts in the key path than any key has.
  case overrideTooDeep
  /// The path leads into a value that is no table.
  case overrideInValue(key: String, value: String)

  // One key.
  /// A key its table does not have.
  case unknownKey(key: String, keys: [String], suggestion: String?)
  /// A key that has no default is not there; how it could be written.
  case missing(key: String, example: String)
  /// Another kind of value than the key needs.
  case wrongKind(key: String, value: String, kind: ValueKind)
  /// A number with a fraction where whole ones are needed.
  case notWhole(key: String, value: String)
  /// A whole number outside its range.
  case outOfRange(key: String, value: String, range: ClosedRange<Int>)
  /// A number outside its range; whether 0 would do, too.
  case numberOutOfRange(key: String, value: String, range: ClosedRange<Double>, orZero: Bool)
  /// A text that is no quantity of the dimension.
  case notAQuantity(key: String, value: String, dimension: Dimension, error: QuantityError)
  /// A quantity outside its range, which is written as a user would.
  case quantityOutOfRange(key: String, value: String, least: String, most: String)
  /// A name that cannot be a folder's.
  case badName(value: String)
  /// A format this version does not read.
  case wrongFormat(value: String)
  /// A name the catalogue does not have.
  case unknownName(
    key: String, value: String, kind: NameKind, names: [String], suggestion: String?)
  /// There is no file at the path of a model.
  case noModelFile(value: String)
  /// Something that will come; what there is already.
  case notYet(key: String, value: String, allowed: [String])

  // A list of schedules.
  /// The list has no elements.
  case emptyList(key: String)
  /// A name stands twice in a list.
  case repeatedName(key: String, value: String)

  // A sweep.
  /// The lists of a sweep are wrong.
  case sweep(SweepFault)

  // The money and the stages of a run.
  /// The run cannot be accounted for as it is written.
  case cost(CostFault)
  /// Something wrong with how a run is written.
  case run(RunFault)

  // A device.
  /// A file of kernel measurements, or the use of a device, is wrong.
  case calibration(CalibrationFault)

  // A schedule in a table.
  /// A schedule's table that is not of one kind; the kinds it has.
  case scheduleTable(key: String, found: [String])
  /// An option of a named schedule beside a file or a search.
  case optionOfName(key: String, way: String)
  /// There is no file at the path of a schedule.
  case noScheduleFile(key: String, value: String)
  /// More stages than are measured one by one for a search.
  case searchTooLarge(key: String, stages: Int, most: Int)
  /// Ranks of a schedule's list share some of what they hold, but not all.
  case unevenSharing(key: String, file: String, sharing: UnevenSharing)
  /// A schedule's list is for other ranks or micro-batches than the plan has.
  case scheduleShape(key: String, value: Int, file: String, needs: Int, list: ListShape)

  // The network of a cluster.
  /// NICs that neither are shared evenly by the GPUs nor divide among them; the nearest that do.
  case unevenNICs(key: String, value: Int, gpus: Int, nearest: [Int])
  /// Up-links of a network that has none.
  case noUplinks(key: String, value: String, fabric: String)
  /// There is no file at the path of a list of links.
  case noLinkFile(key: String, value: String)
  /// A key that a list of links takes the place of.
  case besidesLinks(key: String)
  /// A file of links is wrong.
  case linkList(LinkListFault)
  /// A fault that is not of just one thing; what it names.
  case faultOfOne(key: String, found: [String])
  /// A fault's key beside a thing that does not take it; the key it takes.
  case faultOption(key: String, thing: String, takes: String)
  /// A second fault of the same thing; the first one's key.
  case repeatedFault(key: String, thing: String, first: String)
  /// A fault that leaves its thing as it is.
  case soundFault(key: String)
  /// A fault of a NIC in a cluster of one node.
  case idleNIC(key: String, value: String)
  /// Priority for a traffic class that the plan has none of; the key that would make some.
  case idleTraffic(key: String, value: String, needs: String)
  /// Two GPUs that faults cut off from each other; how many other things carry nothing.
  case disconnected(key: String, Disconnection, others: Int)

  // Keys together.
  /// More GPUs than the topology joins; a topology that would do, if one does.
  case tooManyGPUs(key: String, value: Int, gpus: Int, fabric: String, most: Int, larger: String?)
  /// The degrees do not multiply to the cluster; `data` nil where it is left to Fathom.
  case degrees(pipeline: Int, tensor: Int, context: Int, data: Int?, gpus: Int)
  /// A layout that does not suit the model or a schedule.
  case layout(key: String, value: String, error: LayoutError)
  /// A key that does nothing without another.
  case idleKey(key: String, value: String, without: String)
  /// Experts whose tokens every tensor rank would hold.
  case wholeTokensOfExperts(key: String, model: String)
  /// GPUs that share experts and their matrices, more than a node and not whole nodes.
  case expertSpan(key: String, expert: Int, value: Int, gpusPerNode: Int)
  /// One number has to divide another; the nearest that do.
  case notDivisor(key: String, value: Int, of: Total, total: Int, nearest: [Int])
  /// One number has to be a multiple of another; the nearest that are.
  case notMultiple(key: String, value: Int, of: Total, total: Int, nearest: [Int])
  /// Expert parallelism or routing of a model that has no experts.
  case noExperts(key: String, value: String, model: String)
  /// A distribution of routing that cannot be used.
  case routing(key: String, value: String, error: RoutingError)
  /// A file of token counts is wrong.
  case counts(CountsFault)
  /// Routing of a model without experts.
  case denseModel(String)
  /// Routing of a layer that has no experts; those from the first to the last that has.
  case layerWithoutExperts(Int, ClosedRange<Int>)
  /// There is no file at the path of token counts.
  case noCountsFile(key: String, value: String)
  /// Redundant experts where no group of GPUs shares the experts.
  case redundantWithoutGroup(key: String, value: Int)
  /// The GPU cannot compute in the format.
  case noFP8(key: String, gpu: String)
  /// Latent attention whose scores would go through memory.
  case fusedOnly(key: String, model: String)
  /// A token's experts do not fit on the nodes it may visit.
  case tooFewNodes(key: String, value: Int, perToken: Int, reachable: Int, least: Int)
  /// A schedule refuses the ranks, micro-batches or stages.
  case schedule(key: String, value: Int, context: ScheduleContext, error: ScheduleError)
  /// More stages than the model has parts; `value` nil where a file decides.
  case tooManyStages(
    key: String, value: Int?, schedule: String, stages: Int, parts: Int, most: Int)
  /// More tasks than are simulated in one step.
  case tooManyTasks(key: String, value: Int, tasks: TaskCount)
  /// No schedule of the scenario takes a number of stages on each rank.
  case noStagesToChoose(key: String, value: Int, schedules: [String])
  /// A price without tokens to pay for.
  case priceWithoutTokens(key: String, value: String)

  // A schedule's text, or its durations.
  /// The text of a schedule is wrong.
  case scheduleText(TextProblem)
  /// A schedule cannot be built or timed as it is asked for.
  case scheduleRefused(ScheduleError)
  /// A search for a schedule cannot be made.
  case search(SearchError)
  /// A file of durations is wrong.
  case durations(DurationsFault)
  /// A file of flows is wrong.
  case flows(FlowsFault)
  /// So many problems that these were not told.
  case more(Int)

  // A model's config.json.
  /// The shape is not one Fathom can read.
  case config(ConfigProblem)
}

/// What kind of value a key takes.
public enum ValueKind: Sendable, Equatable {
  /// A whole number.
  case wholeNumber
  /// A word.
  case word
  /// A table with the given keys.
  case table(keys: [String])
  /// A number, maybe with a fraction.
  case number
  /// A list of schedules.
  case schedules
  /// A list of faults.
  case faults
  /// A list of traffic classes.
  case trafficClasses
  /// True or false.
  case flag
  /// A list of what overlaps.
  case overlaps
  /// A list of tables.
  case tables
  /// A list of words or sentences.
  case words
}

/// What a name names.
public enum NameKind: Sendable, Equatable {
  /// A model of the catalogue, or a path.
  case model
  /// A node of the catalogue.
  case node
  /// A network between nodes.
  case fabric
  /// A schedule.
  case schedule
  /// A number format.
  case precision
  /// What the backward pass computes again.
  case recompute
  /// How the core of attention is run.
  case attention
  /// What NICs and switches speak.
  case network
  /// A traffic class.
  case trafficClass
  /// What may overlap.
  case overlap
  /// A class of kernels.
  case kernelClass
  /// A kind of stage.
  case stage
  /// How published clusters fail.
  case reliability
  /// One of a few ways.
  case choice
  /// How overlapped pairs are run.
  case pairs
  /// How a published figure is known.
  case status
  /// What Fathom's figure rests on.
  case basis
  /// A figure of a run.
  case figure
}

/// What a number has to divide, or be a multiple of.
public enum Total: Sendable, Equatable {
  /// GPUs of a node.
  case gpusPerNode
  /// Tensor times context times data degree; the context degree is told where it is above 1.
  case tensorTimesData(context: Int)
  /// GPUs of a pipeline rank over its expert degree.
  case rankOverExperts(expert: Int)
  /// Width of one expert.
  case expertWidth
  /// Two pieces of a sequence for each GPU that shares it.
  case contextHalves(context: Int)
  /// The model's routed experts.
  case routedExperts
  /// The model's attention heads.
  case attentionHeads
  /// GPUs of an expert-parallel group.
  case groupGPUs
  /// Width of the model's dense feed-forward part.
  case feedForwardWidth
  /// Sequences of one micro-batch of every pipeline.
  case sequencesOfAllPipelines(data: Int, microBatch: Int)
}

/// What a schedule was asked for.
public struct ScheduleContext: Sendable, Equatable {
  /// Micro-batches of each pipeline.
  public var microBatches: Int
  /// Pipelines.
  public var data: Int
  /// Sequences of a micro-batch.
  public var microBatch: Int
}

/// What of a schedule's list does not suit the plan.
public enum ListShape: Sendable, Equatable {
  /// It is for another number of ranks.
  case ranks
  /// It is for another number of micro-batches; the global batch it would suit.
  case microBatches(planned: Int, globalBatch: Int)
}

/// How many tasks a step would be.
public struct TaskCount: Sendable, Equatable {
  /// Micro-batches of each pipeline.
  public var microBatches: Int
  /// Layers, with embedding, head and prediction layers.
  public var layers: Int
  /// Tasks; `Int.max` where they cannot be counted.
  public var count: Int
  /// Most tasks that are simulated.
  public var most: Int
  /// Largest value of the key that would do.
  public var mostValue: Int
}
