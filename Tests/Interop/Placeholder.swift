import PondKit
