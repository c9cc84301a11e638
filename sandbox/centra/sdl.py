"""The schema of the emulated GraphQL API: section B of the contract, completed with the types of its sections 5 to 7.

`Amount` becomes the scalar `Float` when the schema is built: the same name on the wire, but exact. Filters that the
real API has and this one does not know are left out, so that a query with one fails instead of finding too much.
"""

SHARED = """
scalar DateTimeTz
scalar Amount
interface Payload { userErrors: [UserError!]! userWarnings: [UserWarning!]! }
type UserError { message: String! path: [String!]! }
type UserWarning { message: String! path: [String!]! }
type PageInfo { hasPreviousPage: Boolean! hasNextPage: Boolean! startCursor: String endCursor: String }
type Currency { id: Int! code: String! }
type MonetaryValue { value: Amount! currency: Currency! conversionRate: Amount! formattedValue: String! }
input MonetaryValueInput { value: Amount! currencyIsoCode: String! }
input DateRange { from: DateTimeTz to: DateTimeTz }
input StringMatch { equals: String contains: String startsWith: String endsWith: String }
enum OrderStatus { PENDING CONFIRMED PROCESSING SHIPPED ARCHIVED CANCELLED }
enum ReturnStatus { PENDING COMPLETED }
enum Status { ACTIVE INACTIVE PENDING COMPLETED }
enum StoreType { DIRECT_TO_CONSUMER WHOLESALE }
enum RateLimitType { REQUEST_COUNT QUERY_COMPLEXITY MUTATION_COUNT }
enum RateLimitInterval { TEN_SECONDS ONE_HOUR }
type RateLimit {
  type: RateLimitType! intervalSeconds: RateLimitInterval! quota: Int! usedQuota: Int! remainingQuota: Int!
}
type Store { id: Int! type: StoreType! }
type Market { id: Int! name: String! }
type Pricelist { id: Int! name: String! }
type Country { id: Int! name: String! code: String! }
type State { id: Int! name: String! }
"""

ORDERS = """
type Address {
  companyName: String attention: String firstName: String lastName: String address1: String address2: String
  city: String stateOrProvince: String zipCode: String country: Country state: State email: String
  phoneNumber: String cellPhoneNumber: String faxNumber: String vatNumber: String
}
type Customer { id: Int! email: String! firstName: String lastName: String }
type Totals {
  shipping: MonetaryValue! handling: MonetaryValue! taxAdded: MonetaryValue! taxDeducted: MonetaryValue!
  taxIncluded: MonetaryValue! shippingTaxIncluded: MonetaryValue! discounts: MonetaryValue! quantity: Int!
}
type OrderDiscount { value: MonetaryValue! date: DateTimeTz! }
type PaymentMethod { name: String uri: String plugin: String }
interface Order {
  id: String! number: Int! status: OrderStatus! isOnHold: Boolean! isLocked: Boolean! isInternal: Boolean!
  store: Store! market: Market! pricelist: Pricelist! createdAt(format: String): DateTimeTz!
  orderDate(format: String): DateTimeTz! internalComment: String externalId: String
  grandTotal(includingTax: Boolean! = true): MonetaryValue! totals: Totals! discountsApplied: [OrderDiscount!]!
  paymentMethod: PaymentMethod lines(includeFullyCancelled: Boolean): [OrderLine!]! shippingAddress: Address!
  billingAddress: Address! shipments: [Shipment!]!
}
type DirectToConsumerOrder implements Order {
  id: String! number: Int! status: OrderStatus! isOnHold: Boolean! isLocked: Boolean! isInternal: Boolean!
  store: Store! market: Market! pricelist: Pricelist! createdAt(format: String): DateTimeTz!
  orderDate(format: String): DateTimeTz! internalComment: String externalId: String
  grandTotal(includingTax: Boolean! = true): MonetaryValue! totals: Totals! discountsApplied: [OrderDiscount!]!
  paymentMethod: PaymentMethod lines(includeFullyCancelled: Boolean): [OrderLine!]! shippingAddress: Address!
  billingAddress: Address! shipments: [Shipment!]! customer: Customer
}
type OrderLine {
  id: Int! product: Product! productVariant: ProductVariant! productSize: ProductSize! brand: String quantity: Int!
  cancelledQuantity: Int! returnedQuantity: Int! unitPrice(includingTax: Boolean! = true): MonetaryValue!
  unitOriginalPrice(includingTax: Boolean! = true): MonetaryValue!
  lineValue(includingTax: Boolean! = true): MonetaryValue! taxPercent: Amount! discountPercent: Amount!
  hasAnyDiscount: Boolean! comment: String isBundle: Boolean! isPartOfBundle: Int bundle: [OrderLine!]!
}
type Shipment {
  id: Int! number: String! isShipped: Boolean! isPaid: Boolean! isCaptured: Boolean! returnTrackingNumber: String
  totals: Totals! lines: [ShipmentLine!]! order: Order!
}
type ShipmentLine {
  id: Int! quantity: Int! lineValue(includingTax: Boolean! = true): MonetaryValue! orderLine: OrderLine!
}
type OrderEdge { cursor: String! node: Order! }
type OrderConnection { totalCount: Int! edges: [OrderEdge!]! pageInfo: PageInfo! }
input OrderInput { id: String number: Int }
input OrderFilter {
  id: [String!] number: [Int!] status: [OrderStatus!] createdAt: DateRange orderDate: DateRange
  customerId: [Int!] storeType: StoreType isLocked: Boolean isOnHold: Boolean isInternal: Boolean
  externalId: [String!] search: String
}
input OrderConfirmInput { order: OrderInput! emailOptions: EmailOptionsInput }
input EmailOptionsInput { sendEmail: Boolean }
input StockActionInput { removeItemsFromStock: Boolean releaseItemsBackToWarehouse: Boolean }
input OrderCancelInput {
  comment: String emailOptions: EmailOptionsInput stockAction: StockActionInput! cancelAuthorization: Boolean
}
type OrderPayload implements Payload { order: Order userErrors: [UserError!]! userWarnings: [UserWarning!]! }
"""

STOCK = """
type Product { id: Int! name: String! productNumber: String! }
type ProductVariant {
  id: Int! name: String! variantNumber: String! status: Status! product: Product! productSizes: [ProductSize!]!
}
type ProductSize {
  id: Int! SKU: String EAN: String UPC: String description: String size: Size! isActive: Boolean!
  productVariant: ProductVariant stock(where: StockFilter, limit: Int = 20, page: Int = 1): [Stock!]!
  isBundle: Boolean! bundle: [BundlePart!]!
}
type BundlePart { quantity: Int! productSize: ProductSize! }
type Size { id: Int! name: String! }
type Stock {
  warehouse: Warehouse! productSize: ProductSize! physicalQuantity: Int! freeToAllocateQuantity: Int!
  allocatedQuantity: Int! demandQuantity: Int! unshippedQuantity: Int!
}
type Warehouse { id: Int! name: String! status: Status! isHiddenFromStockView: Boolean! threshold: Int! }
input StockFilter { warehouseId: [Int!] productSizeId: [Int!] productVariantId: [Int!] }
input ProductSizeFilter { id: [Int!] SKU: [String!] EAN: [String!] UPC: [String!] productVariantId: [Int!] }
input WarehouseInput { id: Int externalId: String }
input ProductVariantInput { id: Int externalId: String }
input ProductSizeInput { id: Int SKU: String EAN: String }
input SizeInput { id: Int name: String }
input StockChangeInput {
  outFromWarehouse: WarehouseInput intoWarehouse: WarehouseInput description: String!
  productVariants: [ProductVariantStockChangeInput!] productSizes: [StockChangeProductSizeInput!]
}
input ProductVariantStockChangeInput {
  productVariant: ProductVariantInput! sizeChanges: [ProductSizeStockChangeInput!]! unitCost: MonetaryValueInput
}
input ProductSizeStockChangeInput { size: SizeInput! deliveredQuantity: Int! }
input StockChangeProductSizeInput {
  productSize: ProductSizeInput! deliveredQuantity: Int! unitCost: MonetaryValueInput
}
type StockChange {
  id: Int! description: String! createdAt: DateTimeTz! intoWarehouse: Warehouse outFromWarehouse: Warehouse
  lines: [StockChangeLine!]!
}
type StockChangeLine { id: Int! productSize: ProductSize! deliveredQuantity: Int! }
input StockChangeFilter { id: [Int!] createdAt: DateRange }
type StockChangeEdge { cursor: String! node: StockChange! }
type StockChangeConnection { totalCount: Int! edges: [StockChangeEdge!]! pageInfo: PageInfo! }
type StockChangePayload implements Payload {
  stockChange: StockChange userErrors: [UserError!]! userWarnings: [UserWarning!]!
}
"""

RETURNS = """
type ReturnTotals {
  shipping: MonetaryValue! handling: MonetaryValue! returnCost: MonetaryValue! discounts: MonetaryValue!
  taxIncluded: MonetaryValue! taxAdded: MonetaryValue!
}
type Return {
  id: Int! externalId: String status: Status! returnStatus: ReturnStatus! createdAt: DateTimeTz!
  returnedToStock: Boolean! store: Store! shipment: Shipment! order: Order!
  grandTotal(includingTax: Boolean! = true): MonetaryValue! totals: ReturnTotals! lines: [ReturnLine!]!
  comment: String refundPaymentHistory: [PaymentHistoryEntry!]!
}
type ReturnLine {
  id: Int! quantity: Int! shipmentLine: ShipmentLine! orderLine: OrderLine!
  lineValue(includingTax: Boolean! = true): MonetaryValue!
}
type PaymentHistoryEntry {
  id: Int! createdAt: DateTimeTz! status: String! entryType: String! value: MonetaryValue! paymentMethod: String
}
input ShipmentInput { id: Int number: String }
input ShipmentLineInput { id: Int }
input ReturnCostPolicyInput { value: MonetaryValueInput fromShipment: Boolean }
input ReturnLineCreateInput { shipmentLine: ShipmentLineInput! quantity: Int! }
input StockPolicyActionInput {
  releaseItemsBackToWarehouse: Boolean removeItemsFromStock: Boolean sendItemsToDifferentWarehouse: WarehouseInput
}
input ReturnCreateInput {
  shipment: ShipmentInput! lines: [ReturnLineCreateInput!]! returnStockActionPolicy: StockPolicyActionInput!
  handlingCost: ReturnCostPolicyInput shippingCost: ReturnCostPolicyInput voucherValue: ReturnCostPolicyInput
  returnCost: MonetaryValueInput comment: String createdAt: DateTimeTz externalId: String
}
input ReturnFilter {
  id: [Int!] status: [Status!] returnStatus: [ReturnStatus!] createdAt: DateRange customerId: [Int!]
  orderId: [String!] orderNumber: [Int!] shipmentId: [Int!] shipmentNumber: [String!] storeType: StoreType
  externalId: [String!]
}
input ReturnCompleteInput { sendEmail: Boolean }
input ReturnRefundInput { sendEmail: Boolean }
type ReturnCreatePayload implements Payload {
  return: Return userErrors: [UserError!]! userWarnings: [UserWarning!]!
}
type ReturnCompletePayload implements Payload {
  return: Return userErrors: [UserError!]! userWarnings: [UserWarning!]!
}
type ReturnUncompletePayload implements Payload {
  return: Return userErrors: [UserError!]! userWarnings: [UserWarning!]!
}
type ReturnRefundPayload implements Payload {
  return: Return userErrors: [UserError!]! userWarnings: [UserWarning!]!
}
type ReturnDeletePayload implements Payload { userErrors: [UserError!]! userWarnings: [UserWarning!]! }
"""

ROOTS = """
type Query {
  order(id: String!): Order
  orders(where: OrderFilter, limit: Int = 20, page: Int = 1): [Order!]!
  orderConnection(where: OrderFilter, first: Int, last: Int, after: String, before: String): OrderConnection!
  returns(where: ReturnFilter, limit: Int = 20, page: Int = 1): [Return!]!
  productSizes(where: ProductSizeFilter, limit: Int = 20, page: Int = 1): [ProductSize!]!
  warehouses(limit: Int = 20, page: Int = 1): [Warehouse!]!
  stockChangeConnection(
    where: StockChangeFilter, first: Int, last: Int, after: String, before: String
  ): StockChangeConnection!
  rateLimits: [RateLimit!]!
}
type Mutation {
  createReturn(input: ReturnCreateInput!): ReturnCreatePayload!
  completeReturn(id: Int!, input: ReturnCompleteInput): ReturnCompletePayload!
  uncompleteReturn(id: Int!): ReturnUncompletePayload!
  deleteReturn(id: Int!): ReturnDeletePayload!
  refundReturn(id: Int!, input: ReturnRefundInput): ReturnRefundPayload!
  changeStock(input: StockChangeInput!): StockChangePayload!
  cancelDirectToConsumerOrder(id: String!, input: OrderCancelInput!): OrderPayload!
  confirmOrder(input: OrderConfirmInput!): OrderPayload!
}
"""

SDL = SHARED + ORDERS + STOCK + RETURNS + ROOTS
